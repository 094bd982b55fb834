/** Texts of the data flow: graph, legend, table and details. */
import type { ConnectionState, ConnectionType, PartStatus } from "@/types/flow";

const STATUS: Readonly<Record<PartStatus, string>> = {
  healthy: "Healthy",
  degraded: "Degraded",
  unhealthy: "Unhealthy",
  unreachable: "Unreachable",
  unknown: "Unknown",
};

const CONNECTION_TYPE: Readonly<Record<ConnectionType, string>> = {
  storage: "Storage (Write)",
  query: "Query (Read)",
  websocket: "WebSocket",
  api: "API",
  fallback: "Fallback",
};

const CONNECTION_STATE: Readonly<Record<ConnectionState, string>> = {
  flowing: "Active",
  impaired: "Active, one end is degraded",
  waiting: "Waiting",
  interrupted: "Interrupted",
  idle: "Idle",
  unknown: "Unknown",
};

export const flowTexts = {
  cardTitle: "Parts and connections",
  graph: "Data flow. Arrow keys move between the parts, Enter shows the details of one.",
  view: "View",
  asGraph: "Graph",
  asTable: "Table",
  legend: "Legend",
  status: STATUS,
  connectionType: CONNECTION_TYPE,
  connectionState: CONNECTION_STATE,
  perMinute: "/min",
  rate: (rate: string) => `${rate}/min`,
  waiting: (count: string) => `${count} waiting`,
  rates: (period: string) => `Rates are the mean of the last ${period}.`,
  liveRates: (period: string) => `Rates are the mean of the last ${period}; into the store, of the last minute.`,
  dots: "A dot is one event or request; at high rates it stands for several.",
  emptyTitle: "No part of the flow is known yet",
  emptyText: "The parts appear when the services have started.",
  parts: "Parts",
  connections: "Connections",
  choose: "Select a part to see its version, uptime, queue, latency, dependencies and log.",
  shown: (name: string) => `Details of ${name} are shown below the graph`,
  gone: "This part is no longer in the data flow.",
  close: "Close",
  columns: {
    part: "Part",
    status: "Status",
    version: "Version",
    uptime: "Uptime",
    rate: "Per minute",
    queue: "Waiting",
    errors: "Errors",
    from: "From",
    to: "To",
    type: "Type",
    state: "State",
    p50: "p50",
    p95: "p95",
  },
  details: {
    home: "Home",
    lastError: "Last error",
    rateOver: (period: string) => `Per minute, last ${period}`,
    errorsOver: (period: string) => `Errors, last ${period}`,
    incoming: (name: string) => `From ${name}`,
    outgoing: (name: string) => `To ${name}`,
    latency: (p50: string, p95: string) => `p50 ${p50}, p95 ${p95}`,
    connections: "Connections",
    dependencies: "Dependencies",
    log: "Warnings and errors",
    noLog: "No warnings or errors since the start.",
    unknown: "Unknown",
  },
  period: { "1m": "minute", "5m": "5 minutes", "15m": "15 minutes", "1h": "hour" } as Readonly<Record<string, string>>,
};
