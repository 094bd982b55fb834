/** Finds problems between the spool and the store. */
import { isCapturing } from "@/features/health/captureProblems";
import { runbook, type Flow, type Problem } from "@/features/health/problem";
import type { HealthAnswer } from "@/types/api";
import { STORE, waitingText } from "@/texts/situation";

/** Return whether the store answers queries; otherwise no live data is possible. */
export function isStoreReadable(health: HealthAnswer): boolean {
  return health.admin_api_status === "healthy";
}

/** Return the problem that prevents storing; null if there is none. */
export function storeProblem(health: HealthAnswer, flow: Flow): Problem | null {
  const store = health.ingestion_service.influxdb_storage;
  const common = {
    tone: "bad" as const,
    text: waitingText(flow.receivedPerMinute, flow.waiting, isCapturing(health)),
    since: store.last_write_time === null ? null : { label: STORE.since, ms: Date.parse(store.last_write_time) },
    reason: store.last_error,
  };
  if (store.error_key === "store_damaged") {
    return { ...common, kind: "store_damaged", headline: STORE.damaged, action: STORE.actionDamaged, runbook: runbook("store_damaged") };
  }
  if (!isStoreReadable(health)) {
    return { ...common, kind: "store_unreachable", headline: STORE.unreachable, action: STORE.actionUnreachable, runbook: runbook("store_unreachable") };
  }
  if (!store.is_connected && store.write_errors === null) {
    return { ...common, kind: "pipeline_silent", headline: STORE.pipelineSilent, text: STORE.storedUnknown, action: STORE.actionPipeline, since: null, runbook: runbook("service_silent") };
  }
  if (!store.is_connected) {
    return { ...common, kind: "store_refuses", headline: STORE.refuses, action: STORE.actionRefuses, runbook: runbook("writes_failing") };
  }
  if (store.last_error !== null) {
    return { ...common, kind: "rejected_full", tone: "warn", headline: STORE.rejectedFull, action: STORE.actionRejectedFull, runbook: runbook("rejected_events_full") };
  }
  return null;
}
