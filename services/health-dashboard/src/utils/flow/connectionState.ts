/** Derives the state of a connection from its rate and the health of its ends. */
import type { Connection, ConnectionState, FlowEdge, FlowNode, PartStatus } from "@/types/flow";

const AWAY: readonly PartStatus[] = ["unhealthy", "unreachable"];

type End = Pick<FlowNode, "kind" | "status" | "queue_depth">;

/** Return the state of a connection; undefined if a part is not in the answer. */
export function connectionState(
  { active, type }: Pick<Connection, "active" | "type">,
  rate: FlowEdge["rate_per_minute"],
  from: End | undefined,
  to: End | undefined,
): ConnectionState {
  if (!from || !to) return "unknown";
  if (active) return from.status === "healthy" && to.status === "healthy" ? "flowing" : "impaired";
  if (isSilent(from) || isSilent(to)) return "unknown";
  if (type === "api" && (from.queue_depth ?? 0) > 0) return "waiting";
  if (isAway(from) || isAway(to)) return "interrupted";
  return rate === null ? "unknown" : "idle";
}

/** A service that does not answer the Admin API may still be working. */
function isSilent({ kind, status }: End): boolean {
  return status === "unknown" || (kind === "service" && status === "unreachable");
}

/** A home is degraded while its connection is being retried. */
function isAway({ kind, status }: End): boolean {
  return AWAY.includes(status) || (kind === "source" && status !== "healthy");
}

/** Return whether dots move on the line. */
export function isMoving(state: ConnectionState): boolean {
  return state === "flowing" || state === "impaired";
}
