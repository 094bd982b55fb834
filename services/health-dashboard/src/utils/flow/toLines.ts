/** The connections of a topology with rate, waiting events and state. */
import type { Connection, ConnectionState, ConnectionType, FlowEdge, TopologyAnswer } from "@/types/flow";
import { connectionState, isMoving } from "@/utils/flow/connectionState";
import { toConnections } from "@/utils/flow/toConnections";

export interface FlowLineFacts {
  readonly connection: Connection;
  readonly edge: FlowEdge;
  readonly state: ConnectionState;
  /** Null if it is not measured, or if the mean of the last minutes does not describe the current state. */
  readonly rate: number | null;
}

const CARRIES_EVENTS: readonly ConnectionType[] = ["websocket", "api", "storage"];

/** Return every connection that is drawn. */
export function toLines({ nodes, edges }: TopologyAnswer): FlowLineFacts[] {
  const parts = new Map(nodes.map((node) => [node.id, node]));
  return edges.flatMap((edge) => {
    const [connection] = toConnections([edge]);
    if (!connection) return [];
    const state = connectionState(connection, edge.rate_per_minute, parts.get(edge.source), parts.get(edge.target));
    return [{ connection, edge, state, rate: isMoving(state) || state === "idle" ? edge.rate_per_minute : null }];
  });
}

/** Return the parts that receive no events any more: their mean of the last minutes is not their current rate. */
export function stillParts(lines: readonly FlowLineFacts[]): ReadonlySet<string> {
  const measured = lines.filter(({ edge, connection }) => edge.rate_per_minute !== null && CARRIES_EVENTS.includes(connection.type));
  const moving = new Set(measured.filter(({ state }) => isMoving(state) || state === "idle").map(({ connection }) => connection.to));
  return new Set(measured.map(({ connection }) => connection.to).filter((part) => !moving.has(part)));
}
