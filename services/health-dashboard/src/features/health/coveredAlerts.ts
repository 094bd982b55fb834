/** Omits alerts that repeat a problem shown in the banner. */
import type { Situation } from "@/features/health/problem";
import type { Alert } from "@/types/api";

const STORE = ["store_unreachable", "writes_failing", "error_rate", "queue_growing", "success_rate", "lag", "no_events", "rejected_events_full"];
const CAPTURE = ["token_refused", "address_forbidden", "certificate_refused", "event_types_missing", "no_events", "service_silent", "gap_open"];

/** The rules triggered by each problem. */
const RULES: Readonly<Record<string, readonly string[]>> = {
  store_unreachable: STORE,
  store_damaged: STORE,
  store_refuses: STORE,
  rejected_full: STORE,
  pipeline_silent: [...STORE, "service_silent"],
  disconnected: CAPTURE,
  auth_invalid: CAPTURE,
  forbidden: CAPTURE,
  certificate_refused: CAPTURE,
  subscription_refused: CAPTURE,
  stopped: CAPTURE,
  capture_unknown: CAPTURE,
  partial: ["event_types_missing"],
  paused: [...CAPTURE, "disk_nearly_full", "queue_growing"],
};

/** Return the alerts that no problem covers. */
export function withoutCovered(alerts: readonly Alert[], { problems, isOutage }: Situation): readonly Alert[] {
  if (!isOutage) return alerts;
  const covered = new Set(problems.flatMap(({ kind }) => RULES[kind] ?? []));
  return alerts.filter(({ rule }) => !covered.has(rule));
}
