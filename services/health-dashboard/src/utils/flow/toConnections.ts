/** The lines that are drawn of a topology. */
import type { Connection, FlowEdge } from "@/types/flow";

/**
 * Every edge as a line; fallback lines only while they are in use. The dashboard and the Admin API get nothing from the
 * enrichment-pipeline but over the fallback, so an edge that says otherwise is not drawn.
 */
export function toConnections(edges: readonly FlowEdge[]): Connection[] {
  return edges
    .filter(({ source, target, kind, active }) => (kind === "fallback" ? active : !isBypass(source, target)))
    .map(({ source, target, kind, active }) => ({ from: source, to: target, type: kind, active }));
}

/** What identifies a line. */
export function connectionKey({ from, to, type }: Omit<Connection, "active">): string {
  return `${from}→${to} ${type}`;
}

function isBypass(source: string, target: string): boolean {
  return source === "enrichment-pipeline" && (target === "admin-api" || target === "health-dashboard");
}
