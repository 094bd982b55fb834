/** The data flow: the answer of `/topology`, and the lines that the graph draws. */
import type { components } from "@/api/schema";

type Schemas = components["schemas"];

/** Unknown: the service that could tell does not answer. */
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
 * Interrupted: an end is not there. Waiting: the start holds events that do not leave. Idle: all is well, and nothing
 * flows. Impaired: it flows, and an end is not healthy. Unknown: neither rate nor health can tell.
 */
export type ConnectionState = "flowing" | "impaired" | "waiting" | "interrupted" | "idle" | "unknown";
