/** How a connection is, from its own numbers and the health of its ends. */
import type { Connection, ConnectionState, FlowEdge, FlowNode, PartStatus } from "@/types/flow";

const AWAY: readonly PartStatus[] = ["unhealthy", "unreachable"];

type End = Pick<FlowNode, "kind" | "status" | "queue_depth">;

/** The state of a connection between two parts; undefined where a part is not in the answer. */
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

/** A service that does not answer here may well do its work. */
function isSilent({ kind, status }: End): boolean {
  return status === "unknown" || (kind === "service" && status === "unreachable");
}

/** A home that is not connected is degraded while the connection is tried again. */
function isAway({ kind, status }: End): boolean {
  return AWAY.includes(status) || (kind === "source" && status !== "healthy");
}

/** Whether dots move on it. */
export function isMoving(state: ConnectionState): boolean {
  return state === "flowing" || state === "impaired";
}
