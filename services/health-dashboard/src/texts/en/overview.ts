/** Texts of the overview: titles and notes of the cards, and their empty states. */
import { formatCount } from "@/utils/format/formatNumber";

export const overviewTexts = {
  flowLink: "Open data flow",
  entitiesLink: "All entities",
  eventsLink: "All events",
  servicesLink: "All metrics",
};

export const trendTexts = {
  title: "Events per minute",
  current: "Per minute",
  before: "Previous period",
  events: "Events",
  countedSince: (time: string) => `counted since ${time}`,
  empty: { title: "No events in this period", text: "Events appear in the chart when something changes at home." },
};

export const busiestTexts = {
  title: "Busiest entities",
  empty: { title: "No entity has changed", text: "The entities that change most often are listed here." },
};

export const silentTexts = {
  changesAlone: (home: string | null) =>
    `${home === null ? "" : `${home}: `}Silence is detected by state changes only, since Home Assistant does not provide the time of the last report. A sensor that repeats its value counts as silent.`,
  title: "Silent sensors",
  note: "for three times their usual interval",
  none: "No sensor is silent",
  more: (count: number) => `and ${formatCount(count)} more`,
};

export const latestTexts = {
  title: "Latest events",
  empty: { title: "No events yet", text: "Changes at home appear here within a second." },
};

export const heartbeatTexts = {
  title: "Services, last 24 hours",
  empty: { title: "No service has reported yet", text: "Each reports every ten seconds once it runs." },
  uptime: (percent: string, since: string | null) => `up ${percent} ${since === null ? "of the time" : `since ${since}`}`,
  states: { up: "up", degraded: "degraded", down: "no report", unknown: "unknown" },
  ago: "24 h ago",
  now: "now",
  bar: (service: string) => `${service}: heartbeats of the last 24 hours`,
  slot: (span: string, state: string, reports: number, expected: number, failed: number) =>
    `${span}: ${state}${expected > 0 ? `, ${reports} of ${expected} minutes with a report` : ""}${failed > 0 ? `, ${formatCount(failed)} failed` : ""}`,
  noSlot: "no time selected",
  caption: (service: string) => `Heartbeats of ${service}`,
  from: "From",
  to: "To",
  state: "State",
};

export const accountingTexts = {
  title: "Event accounting",
  note: (time: string) => `${time}, by time of arrival, including fetched history`,
  empty: { title: "Not known for this period", text: "websocket-ingestion has not reported in it." },
  received: (count: number) => `${formatCount(count)} ${count === 1 ? "event" : "events"} received`,
  fromQueue: (count: number) => `, ${formatCount(count)} more were waiting before`,
  addsUp: "All events are accounted for.",
  missing: (count: number) => `${formatCount(count)} ${count === 1 ? "has no outcome and is" : "have no outcome and are"} not queued.`,
  surplus: (count: number) => `${formatCount(count)} more outcomes than received events: reports are missing.`,
  other: (service: string, sentence: string) => `${service}: ${sentence}`,
  bar: "Outcomes of the received events",
  parts: {
    written: ["Stored", "in the store"],
    queued: ["Waiting", "captured, not yet stored"],
    duplicate: ["Duplicate", "stored before"],
    filtered: ["Filtered", "dropped by a filter"],
    rejected: ["Rejected", "saved with the reason"],
    expired: ["Expired", "older than the retention of the store"],
    failed: ["Failed", "unreadable after damage on disk"],
  },
} as const;

export const sourceTexts = {
  title: "Source of statistics",
  embedded: ["The embedded store", "All numbers come from the store of this installation. They are complete over any period."],
  influxdb: ["InfluxDB", "All numbers come from InfluxDB. They are complete for its retention period."],
  services: ["The memory of the services", "Selected by the settings of the rollout. The services keep statistics of the last hours, at most since their start. Unknown values are shown as –."],
  "services-fallback": ["The memory of the services", "The store does not answer. The services keep statistics of the last hours, at most since their start. Unknown values are shown as –."],
  unknown: ["Unknown", "No statistics have been received yet."],
  settings: "Change the source",
  deployment: {
    "all-in-one": "All services run in one process.",
    separate: "Each service runs in its own process. Capture continues without the Admin API.",
  },
  counted: (time: string, isStore: boolean) => `Counted since ${time}${isStore ? ": nothing was captured before" : ""}.`,
} as const;
