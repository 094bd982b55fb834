/** The rates of the topology are means of several minutes; the stream has the rate of the last minute for the store. */
import type { FlowEdge, TopologyAnswer } from "@/types/flow";

const PIPELINE = "enrichment-pipeline";

/** Return the answer with the rate of the last minute for events into the store. */
export function withLiveRate(topology: TopologyAnswer, lastMinute: number | null): TopologyAnswer {
  const store = topology.nodes.find(({ kind }) => kind === "store");
  if (lastMinute === null || store?.status !== "healthy") return topology;
  const isIntoStore = (edge: FlowEdge) => edge.source === PIPELINE && edge.target === store.id;
  return {
    ...topology,
    nodes: topology.nodes.map((node) => (node === store ? { ...node, rate_per_minute: lastMinute } : node)),
    edges: topology.edges.map((edge) => (isIntoStore(edge) ? { ...edge, rate_per_minute: lastMinute, active: lastMinute > 0 } : edge)),
  };
}
