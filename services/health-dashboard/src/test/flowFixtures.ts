/** Data flows for tests: a healthy one, to be changed. */
import { NOW, NOW_MS, timeAt } from "@/test/fixtures";
import type { ConnectionType, FlowEdge, FlowNode, TopologyAnswer } from "@/types/flow";

export function aFlowNode(change: Partial<FlowNode> & Pick<FlowNode, "id">): FlowNode {
  return {
    label: change.id,
    kind: "service",
    home: null,
    status: "healthy",
    version: "1.4.0",
    uptime_s: 273_600,
    rate_per_minute: 59.7,
    queue_depth: 0,
    errors: 0,
    dependencies: [],
    last_error: null,
    logs: [],
    ...change,
  };
}

export function aFlowEdge(source: string, target: string, kind: ConnectionType, change: Partial<FlowEdge> = {}): FlowEdge {
  return {
    id: `${source}→${target}`,
    source,
    target,
    kind,
    label: "events",
    rate_per_minute: 59.7,
    latency_p50_ms: null,
    latency_p95_ms: null,
    active: true,
    ...change,
  };
}

/** One home, InfluxDB, weather, and every service healthy. */
export function aTopology(change: Partial<TopologyAnswer> = {}): TopologyAnswer {
  const outside = { version: null, uptime_s: null, queue_depth: null, errors: null };
  return {
    nodes: [
      aFlowNode({ id: "home-assistant", label: "Home Assistant", kind: "source", home: "home", ...outside, version: "2026.11.2" }),
      aFlowNode({ id: "weather", label: "Weather", kind: "source", ...outside, rate_per_minute: null }),
      aFlowNode({ id: "websocket-ingestion", label: "WebSocket ingestion", dependencies: [{ id: "home-assistant", label: "Home Assistant", status: "healthy" }] }),
      aFlowNode({
        id: "enrichment-pipeline",
        label: "Enrichment pipeline",
        logs: [{ time: timeAt(NOW_MS - 60_000), level: "warning", event: "store_write_retried", message: "attempt=2 reason=timeout" }],
      }),
      aFlowNode({ id: "influxdb", label: "InfluxDB", kind: "store", ...outside, version: "2.7.12" }),
      aFlowNode({ id: "admin-api", label: "Admin API", rate_per_minute: 22 }),
      aFlowNode({ id: "health-dashboard", label: "Dashboard", kind: "client", rate_per_minute: 22, ...outside }),
    ],
    edges: [
      aFlowEdge("home-assistant", "websocket-ingestion", "websocket"),
      aFlowEdge("websocket-ingestion", "enrichment-pipeline", "api", { latency_p50_ms: 1.2, latency_p95_ms: 4.8 }),
      aFlowEdge("weather", "enrichment-pipeline", "api", { label: "observations", rate_per_minute: null }),
      aFlowEdge("enrichment-pipeline", "influxdb", "storage", { label: "points", latency_p50_ms: 6.1, latency_p95_ms: 18 }),
      aFlowEdge("websocket-ingestion", "influxdb", "storage", { label: "service metrics", rate_per_minute: 6 }),
      aFlowEdge("admin-api", "influxdb", "storage", { label: "service metrics", rate_per_minute: 6 }),
      aFlowEdge("influxdb", "admin-api", "query", { label: "answers", rate_per_minute: 31 }),
      aFlowEdge("admin-api", "health-dashboard", "api", { label: "answers", rate_per_minute: 22 }),
    ],
    period: "5m",
    source: "influxdb",
    warning: null,
    timestamp: NOW,
    ...change,
  };
}

/** The topology with some nodes and edges changed by id. */
export function withChanges(
  topology: TopologyAnswer,
  nodes: Readonly<Record<string, Partial<FlowNode>>>,
  edges: Readonly<Record<string, Partial<FlowEdge>>> = {},
): TopologyAnswer {
  return {
    ...topology,
    nodes: topology.nodes.map((node) => ({ ...node, ...nodes[node.id] })),
    edges: topology.edges.map((edge) => ({ ...edge, ...edges[edge.id] })),
  };
}

/** InfluxDB is unavailable: events wait, and the services answer the Admin API. */
export function aFlowWithoutStore(): TopologyAnswer {
  const still = { active: false, rate_per_minute: 0 };
  const topology = withChanges(
    aTopology(),
    {
      influxdb: { status: "unreachable", last_error: "Cannot reach InfluxDB at influx:8086. Check INFLUXDB_URL." },
      "websocket-ingestion": { queue_depth: 1_770 },
      "enrichment-pipeline": { status: "degraded", rate_per_minute: 0 },
      "admin-api": { status: "degraded" },
    },
    {
      "websocket-ingestion→enrichment-pipeline": still,
      "enrichment-pipeline→influxdb": still,
      "websocket-ingestion→influxdb": still,
      "admin-api→influxdb": still,
      "influxdb→admin-api": still,
    },
  );
  return {
    ...topology,
    edges: [
      ...topology.edges,
      aFlowEdge("websocket-ingestion", "admin-api", "fallback", { rate_per_minute: null }),
      aFlowEdge("enrichment-pipeline", "admin-api", "fallback", { rate_per_minute: null }),
    ],
  };
}

/** Several homes, the last of them disconnected. */
export function aFlowOfHomes(names: readonly string[]): TopologyAnswer {
  const { nodes, edges, ...rest } = aTopology();
  const isAway = (at: number) => at > 0 && at === names.length - 1;
  return {
    ...rest,
    nodes: [
      ...names.map((home, at) => aFlowNode({ id: `home-assistant:${home}`, label: `Home Assistant (${home})`, kind: "source", home, status: isAway(at) ? "degraded" : "healthy" })),
      ...nodes.slice(1),
    ],
    edges: [
      ...names.map((home, at) => aFlowEdge(`home-assistant:${home}`, "websocket-ingestion", "websocket", isAway(at) ? { active: false, rate_per_minute: 0 } : {})),
      ...edges.slice(1),
    ],
  };
}
