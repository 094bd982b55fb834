/** Texts of the situation: headlines, explanations and actions. */
import { formatCount, formatRate } from "@/utils/format/formatNumber";
import { formatDuration } from "@/utils/format/formatTime";

export const CHECKING = { headline: "Checking the state", text: "The first answer takes a moment." };
export const UPDATING = { headline: "Updating", text: "The page is waiting for a newer answer." };
export const SIGNED_OUT = { headline: "Sign in to see the state", text: "The session has ended." };

export const FINE = {
  headline: "Everything is being captured and stored",
  demo: "This is a simulated home. Set HA_URL and HA_TOKEN to capture your own.",
  rate: (perMinute: number) => `${formatRate(perMinute)} events a minute over the last 5 minutes.`,
  nothingWaits: "Nothing is waiting.",
};

export const UNREACHABLE = {
  headline: "The Admin API does not answer",
  action: "Check that HA Ingestor is running and that this device reaches it. The page reconnects automatically.",
  since: "Last answer",
  capture: {
    "all-in-one":
      "All services run in one process: if it has stopped, nothing is being captured. State changes of that time are fetched from Home Assistant's history after the start.",
    separate: "Capture may still be running, since it is a separate service.",
    unknown: "Whether events are being captured is unknown.",
  },
};

export const API_ERROR = {
  headline: "The Admin API answers with an error",
  text: "Whether events are being captured and stored is unknown.",
  action: "Read the log of the Admin API. The page retries automatically.",
};

export const API_REFUSES = {
  headline: "The Admin API refuses this address",
  text: "Whether events are being captured and stored is unknown.",
  action: "Open the page by a name that the Admin API accepts, or add this one to its settings.",
};

export const LIMITED = {
  headline: "The Admin API limits the requests of this device",
  text: "Too many were sent within a minute. The values shown are not current.",
  action: "Close other tabs of this page. It continues automatically.",
};

export const BOTH_DOWN = "Nothing is being captured or stored";

export const STORE = {
  unreachable: "The store does not answer",
  refuses: "Events are not being stored",
  damaged: "The store is damaged",
  rejectedFull: "Events wait because the file of rejected events is full",
  pipelineSilent: "enrichment-pipeline does not answer",
  storedUnknown: "Whether events are being stored is unknown.",
  since: "Last write",
  actionUnreachable: "Check that the store is running and reachable. Waiting events are stored automatically when it is back.",
  actionDamaged:
    "Stop HA Ingestor, then restore a backup (ha-ingestor restore FILE) or start with an empty store (ha-ingestor restore --empty). The damaged file is kept.",
  actionRefuses: "The action depends on the reason, see Details. Waiting events are stored automatically.",
  actionRejectedFull: "Replay or discard rejected events, or raise REJECTED_LIMIT_BYTES.",
  actionPipeline: "Check that enrichment-pipeline is running.",
};

/** Describe what happens to events while the store is unavailable; `null` is unknown. */
export function waitingText(receivedPerMinute: number | null, waiting: number | null, isCapturing: boolean | null): string {
  const inLine = waiting === null ? "" : ` ${formatCount(waiting)} ${waiting === 1 ? "is" : "are"} waiting.`;
  if (isCapturing === null) return `Whether events are being captured is unknown.${inLine}`;
  if (!isCapturing) return waiting === null ? "Events captured before are kept on disk." : `${formatCount(waiting)} captured events are kept on disk until the store is back.`;
  if (receivedPerMinute !== null) return `${formatRate(receivedPerMinute)} events a minute are captured and wait for the store.${inLine}`;
  return `Events are captured and wait on disk for the store.${inLine}`;
}

export const CAPTURE = {
  down: "Nothing is being captured",
  since: "Last event",
  unknown: "websocket-ingestion does not answer",
  unknownText: "Whether events are being captured is unknown.",
  unknownAction: "Check that websocket-ingestion is running.",
  refilled: "State changes of this time are fetched from Home Assistant's history once the connection is back.",
  some: (down: number, all: number) => `${down} of ${all} homes ${down === 1 ? "is" : "are"} not being captured`,
  paused: "Capture is paused",
  pausedText: "There is no space on disk for further events. State changes of this time are fetched from Home Assistant's history afterwards.",
  pausedAction: "Free disk space or raise SPOOL_LIMIT_BYTES, and check that the store accepts events.",
  partial: "Only part of the events is received",
  partialText: "Only state changes and a few system events arrive; call_service, automation_triggered and others are missing.",
  partialAction: (variable: string) =>
    `The token in ${variable} is not an administrator's. Create one as an administrator, and set it with ha-ingestor token set.`,
};

/** By connection state: headline and action. */
export const CONNECTION = {
  auth_invalid: ["Home Assistant refuses the token", "Create a new token in Home Assistant, and set {token} with ha-ingestor token set."],
  forbidden: [
    "Home Assistant refuses this address",
    "Remove the address from ip_bans.yaml and restart Home Assistant, or let the proxy in front of it pass the connection.",
  ],
  certificate_refused: ["The certificate of Home Assistant is not trusted", "Set HA_CA_FILE to the certificate of its certificate authority."],
  subscription_refused: ["Home Assistant refuses events to this token", "Set {token} to an administrator's token with ha-ingestor token set."],
  connecting: ["Connecting to Home Assistant", "No action is required. The connection is being opened."],
  connected: ["The connection to Home Assistant is being checked", "No action is required."],
  disconnected: ["Home Assistant cannot be reached", "Check that Home Assistant is running and that {url} is right. The connection is retried automatically."],
  stopped: ["websocket-ingestion has stopped", "Start HA Ingestor again. The reason is in its log."],
  unknown: ["websocket-ingestion does not answer", "Check that websocket-ingestion is running."],
} as const;

export const OTHER = { headline: "A problem was reported", text: "The Admin API reports a problem without a reason.", action: "Run ha-ingestor doctor." };

export const BACKLOG = {
  growing: "Events arrive faster than they are stored",
  growingText: (waiting: number) => `${formatCount(waiting)} events wait on disk, and there are more every minute. No event is lost while there is disk space.`,
  growingAction: "Check the load of the store, and the busiest entities.",
  draining: "Events are captured and stored; a backlog is being stored",
  drainingText: (waiting: number, minutes: number | null) =>
    `${formatCount(waiting)} events wait on disk${minutes === null ? "" : `, for about ${formatDuration(minutes * 60_000)} more`}.`,
};

export const GAPS = {
  open: (count: number) => (count === 1 ? "Events are captured and stored; a gap is being filled" : `Events are captured and stored; ${count} gaps are being filled`),
  openText: (span: string | null, percent: string | null) =>
    `${span === null ? "For a time nothing was captured" : `Nothing was captured ${span}`}; the state changes of that time are fetched from Home Assistant's history${percent === null ? "" : ` (${percent} done)`}.`,
  lost: "Events are captured and stored; part of a gap could not be recovered",
  lostText: (span: string) => `Nothing was captured ${span}, and Home Assistant's history does not hold all of that time.`,
  notSent: "Events are captured and stored; Home Assistant did not send some changes",
  notSentText: (span: string) => `Home Assistant sent no events for changes of some entities ${span}, and its history does not hold them. All others were captured.`,
  notSentOpenText: (span: string) => `Home Assistant sent no events for changes of some entities ${span}; they are fetched from its history. All others were captured.`,
  span: (start: string, end: string) => `from ${start} to ${end}`,
};

export const EMPTY = {
  headline: "Connected; no event is stored yet",
  text: "The first change at home appears within a second.",
};

export const FALLBACK = {
  headline: "Events are captured and stored; statistics are incomplete",
  text: "The store does not answer at the moment. The statistics come from the memory of the services.",
};

export const ALERTS = {
  headline: (count: number) => (count === 1 ? "Events are captured and stored; an alert is active" : `Events are captured and stored; ${count} alerts are active`),
  badge: (count: number) => (count === 1 ? "1 alert" : `${count} alerts`),
};

export const HEALTH_BADGE = {
  checking: "Checking",
  updating: "Updating",
  signedOut: "Signed out",
  unreachable: "Unreachable",
  unknown: "Unknown",
  healthy: "Healthy",
  degraded: "Degraded",
  unhealthy: "Unhealthy",
};

export const STREAM_BADGE = {
  connecting: ["Connecting", "The live stream is being opened."],
  live: ["Live", "Events appear as they are stored."],
  polling: ["Every 2 s", "The live stream is interrupted: events are fetched every 2 seconds."],
  offline: ["Offline", "No events are received; the page retries automatically."],
  waiting: ["Waiting", "The store does not answer, so no new events can be shown."],
  paused: ["Paused", "The list of events is paused."],
} as const;

export const PANEL = {
  whatToDo: "What to do",
  details: "Details",
  pages: { "/alerts": "Open alerts", "/flow": "Open data flow", "/records": "Open records" },
  ago: (duration: string) => `${duration} ago`,
};
