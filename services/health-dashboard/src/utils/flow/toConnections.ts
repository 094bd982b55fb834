/** Selects the connections of a topology that are drawn. */
import type { Connection, FlowEdge } from "@/types/flow";

/**
 * Return every edge as a connection; fallback connections only while they are used. Edges from the enrichment-pipeline to dashboard or Admin API other than
 * the fallback do not exist and are not drawn.
 */
export function toConnections(edges: readonly FlowEdge[]): Connection[] {
  return edges
    .filter(({ source, target, kind, active }) => (kind === "fallback" ? active : !isBypass(source, target)))
    .map(({ source, target, kind, active }) => ({ from: source, to: target, type: kind, active }));
}

/** Return the key of a connection. */
export function connectionKey({ from, to, type }: Omit<Connection, "active">): string {
  return `${from}→${to} ${type}`;
}

function isBypass(source: string, target: string): boolean {
  return source === "enrichment-pipeline" && (target === "admin-api" || target === "health-dashboard");
}
