/** Health in words: one sentence, and what is wrong with what to do about it. */
import { ApiError } from "@/lib/http";
import type { ConnectionState, HealthAnswer } from "@/types/api";
import type { Loadable } from "@/types/loadable";

export interface HealthWords {
  readonly tone: "good" | "warn" | "bad" | "neutral";
  readonly badge: string;
  readonly headline: string;
  readonly problems: readonly string[];
}

/** What the header and the status line say. */
export function describeHealth({ data, error }: Pick<Loadable<HealthAnswer>, "data" | "error">): HealthWords {
  if (error) return unreachable(error);
  if (!data) return { tone: "neutral", badge: "Checking", headline: "Asking how things are", problems: ["The first answer takes a moment."] };
  const problems = describeProblems(data);
  if (data.overall_status === "healthy") {
    return { tone: "good", badge: "Healthy", headline: "Everything is being captured and stored", problems };
  }
  const headline = HEADLINES[whatFails(data)];
  return data.overall_status === "degraded"
    ? { tone: "warn", badge: "Degraded", headline, problems }
    : { tone: "bad", badge: "Unhealthy", headline, problems };
}

function unreachable(error: Error): HealthWords {
  const problems = [`${error.message}. Capture may still be running: it does not depend on this page.`];
  const isSilent = error instanceof ApiError && error.status === 0;
  return isSilent
    ? { tone: "bad", badge: "Unreachable", headline: "The Admin API cannot be reached", problems }
    : { tone: "bad", badge: "Unknown", headline: "The Admin API cannot tell how things are", problems };
}

type Failing = "capture" | "storage" | "both" | "other";

const HEADLINES: Readonly<Record<Failing, string>> = {
  capture: "Nothing is being captured",
  storage: "Events are captured but cannot be stored",
  both: "Nothing is being captured or stored",
  other: "Something is not as it should be",
};

function whatFails({ ingestion_service: { websocket_connection: socket, influxdb_storage: store } }: HealthAnswer): Failing {
  // Whoever does not answer may well be capturing: say that something is wrong, and the problems say what.
  if (socket.state === "unknown") return store.is_connected ? "other" : "storage";
  if (socket.is_connected) return store.is_connected ? "other" : "storage";
  return store.is_connected ? "capture" : "both";
}

function describeProblems(health: HealthAnswer): string[] {
  const { websocket_connection: socket, influxdb_storage: store, event_processing: flow } = health.ingestion_service;
  const problems = [
    socket.is_connected ? null : withReason(CONNECTION_PROBLEMS[socket.state], socket.last_error),
    store.is_connected ? null : withReason("The store does not take what is captured; it is tried again", store.last_error),
    socket.is_connected && socket.event_types ? PART_OF_THE_EVENTS : null,
    socket.is_connected && store.is_connected ? flow.last_error : null,
  ];
  return problems.filter((problem) => problem !== null);
}

const PART_OF_THE_EVENTS = "Only state changes and a few system events are received; call_service, automation_triggered and all others are missing: " +
  "the access token is not an administrator's.";

const CONNECTION_PROBLEMS: Readonly<Record<ConnectionState, string>> = {
  auth_invalid: "Home Assistant refuses the access token: set a new one with ha-ingestor token set",
  forbidden: "Home Assistant has banned this address, or a proxy refuses it",
  certificate_refused: "The certificate of Home Assistant is not trusted: name its authority in HA_CA_FILE",
  subscription_refused: "Home Assistant refuses this token the events: use the token of an administrator",
  connecting: "Connecting to Home Assistant",
  connected: "The connection to Home Assistant is being checked",
  disconnected: "Home Assistant cannot be reached; it is tried again",
  stopped: "websocket-ingestion has stopped",
  unknown: "websocket-ingestion does not say how it is",
};

function withReason(problem: string, reason: string | null): string {
  return reason === null ? `${problem}.` : `${problem} (${reason}).`;
}
