/** Texts of the services: names and figures. */
export const servicesTexts = {
  note: "Each service reports every ten seconds. Select a figure to see its chart.",
  empty: { title: "No service has reported in this time", text: "Each reports every ten seconds while it runs." },
  names: {
    "websocket-ingestion": ["WebSocket ingestion", "receives events from Home Assistant"],
    "enrichment-pipeline": ["Enrichment pipeline", "adds names and areas, writes to the store"],
    "admin-api": ["Admin API", "answers requests; a request counts as an event"],
  } as Readonly<Record<string, readonly [string, string]>>,
  lastReport: (age: string) => `last report ${age}`,
  noReport: "no report in this time",
  noAnswer: (reason: string) => `no answer: ${reason}`,
  showChart: (figure: string) => `Chart of ${figure}`,
  chartOf: (figure: string, service: string) => `${figure}, ${service}`,
  table: "Show as table",
  close: "Close",
  window: (duration: string) => `one point per ${duration.replace(/^1 /, "")}`,
  figures: {
    rate: { label: "Rate", note: "events a minute", series: "Per minute", received: "Received" },
    latency: { label: "Latency", note: "95th percentile", p50: "Median (p50)", p95: "95th percentile (p95)", mean: "Mean" },
    success: { label: "Success", note: "successful", series: "Success", finished: "Finished" },
    errors: { label: "Errors", note: "rejected or failed", series: "Rejected or failed", writes: "Failed writes" },
    queue: { label: "Queue", note: "now", series: "Longest queue" },
    lag: { label: "Lag", note: "now", series: "Longest lag" },
  },
} as const;
