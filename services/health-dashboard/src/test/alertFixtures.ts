/** Complete rules and past alerts; a test replaces the members it needs. */
import { anAlert, NOW, NOW_MS, timeAt } from "@/test/fixtures";
import type { Alert, AlertHistoryAnswer, AlertRule } from "@/types/api";

export function anAlertRule(change: Partial<AlertRule> = {}): AlertRule {
  return {
    name: "queue_growing",
    watch: "lag_s",
    level: "warning",
    above: 60,
    below: null,
    clear: 20,
    for_s: 60,
    clear_after_s: 120,
    over_s: 300,
    factor: null,
    entities: [],
    message: "{service} is {value} s behind",
    runbook: "/api/v1/runbooks/queue_growing",
    ...change,
  };
}

/** An alert that was active from two hours to one hour ago. */
export function aPastAlert(change: Partial<Alert> = {}): Alert {
  return anAlert({
    id: "past",
    status: "cleared",
    since: timeAt(NOW_MS - 7_200_000),
    timestamp: timeAt(NOW_MS - 7_140_000),
    cleared: timeAt(NOW_MS - 3_600_000),
    ...change,
  });
}

export function aHistoryAnswer(alerts: Alert[], next_cursor: string | null = null): AlertHistoryAnswer {
  return { timestamp: NOW, period: "7d", alerts, next_cursor };
}
