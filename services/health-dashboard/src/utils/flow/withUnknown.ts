/** Marks the status of a home or the weather as unknown while the service that reports it does not answer. */
import type { TopologyAnswer } from "@/types/flow";

/** Return the answer with those statuses replaced by unknown. */
export function withUnknown(topology: TopologyAnswer): TopologyAnswer {
  const silent = new Set(topology.nodes.filter(({ kind, status }) => kind === "service" && status === "unreachable").map(({ id }) => id));
  if (silent.size === 0) return topology;
  const unknown = new Set(topology.edges.filter(({ target }) => silent.has(target)).map(({ source }) => source));
  return {
    ...topology,
    nodes: topology.nodes.map((node) => (node.kind === "source" && unknown.has(node.id) ? { ...node, status: "unknown" } : node)),
  };
}
