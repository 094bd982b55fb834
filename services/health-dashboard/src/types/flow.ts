/** Types of the data flow: the answer of `/topology`, and the lines of the graph. */
import type { components } from "@/api/schema";

type Schemas = components["schemas"];

/** Unknown: the service that reports it does not answer. */
export type PartStatus = Schemas["PartStatus"] | "unknown";
export type FlowNode = Omit<Schemas["TopologyNode"], "status"> & { readonly status: PartStatus };
export type TopologyAnswer = Omit<Schemas["TopologyAnswer"], "nodes"> & { readonly nodes: readonly FlowNode[] };
export type FlowEdge = Schemas["TopologyEdge"];
export type FlowDependency = Schemas["TopologyDependency"];
export type FlowLogLine = Schemas["TopologyLogLine"];
export type PartKind = Schemas["NodeKind"];
export type ConnectionType = Schemas["EdgeKind"];

/** A line of the graph. */
export interface Connection {
  readonly from: string;
  readonly to: string;
  readonly type: ConnectionType;
  readonly active: boolean;
}

/**
 * Interrupted: an end is not available. Waiting: events at the start are not delivered. Idle: healthy, without events. Impaired: events flow, and an end is
 * not healthy. Unknown: neither rate nor health is known.
 */
export type ConnectionState = "flowing" | "impaired" | "waiting" | "interrupted" | "idle" | "unknown";
