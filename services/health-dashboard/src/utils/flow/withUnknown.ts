/** What nobody could say: a home or the weather is known through one service only. */
import type { TopologyAnswer } from "@/types/flow";

/** The answer with the status of each source as unknown while the service that it leads to does not answer. */
export function withUnknown(topology: TopologyAnswer): TopologyAnswer {
  const silent = new Set(topology.nodes.filter(({ kind, status }) => kind === "service" && status === "unreachable").map(({ id }) => id));
  if (silent.size === 0) return topology;
  const unknown = new Set(topology.edges.filter(({ target }) => silent.has(target)).map(({ source }) => source));
  return {
    ...topology,
    nodes: topology.nodes.map((node) => (node.kind === "source" && unknown.has(node.id) ? { ...node, status: "unknown" } : node)),
  };
}
