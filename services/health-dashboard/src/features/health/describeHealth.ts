/** Health in words: one sentence, and what is wrong with what to do about it. */
import { ApiError } from "@/lib/http";
import type { ConnectionState, HealthAnswer } from "@/types/api";
import type { Loadable } from "@/types/loadable";

export interface HealthWords {
  readonly tone: "good" | "warn" | "bad" | "neutral";
  readonly badge: string;
  readonly headline: string;
  readonly problems: readonly Problem[];
}

export interface Problem {
  /** What is wrong, and what to do. */
  readonly text: string;
  /** The path of the runbook that says more. */
  readonly runbook: string | null;
}

const STORE_DAMAGED = "store_damaged";

/** What the header and the status line say. */
export function describeHealth({ data, error }: Pick<Loadable<HealthAnswer>, "data" | "error">): HealthWords {
  if (error) return unreachable(error);
  if (!data) return { tone: "neutral", badge: "Checking", headline: "Asking how things are", problems: [problem("The first answer takes a moment.")] };
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
  const problems = [problem(`${error.message}. Capture may still be running: it does not depend on this page.`)];
  const isSilent = error instanceof ApiError && error.status === 0;
  return isSilent
    ? { tone: "bad", badge: "Unreachable", headline: "The Admin API cannot be reached", problems }
    : { tone: "bad", badge: "Unknown", headline: "The Admin API cannot tell how things are", problems };
}

type Failing = "capture" | "storage" | "damage" | "both" | "other";

const HEADLINES: Readonly<Record<Failing, string>> = {
  capture: "Nothing is being captured",
  storage: "Events are captured but cannot be stored",
  damage: "The store is damaged; events are captured and wait in the spool",
  both: "Nothing is being captured or stored",
  other: "Something is not as it should be",
};

function whatFails(health: HealthAnswer): Failing {
  const store = health.ingestion_service.influxdb_storage;
  const storing = store.is_connected ? "other" : store.error_key === STORE_DAMAGED ? "damage" : "storage";
  // Whoever does not answer may well be capturing: say that something is wrong, and the problems say what.
  if (connections(health).some((home) => home.is_connected || home.state === "unknown")) return storing;
  return store.is_connected ? "capture" : "both";
}

function describeProblems(health: HealthAnswer): Problem[] {
  const { influxdb_storage: store, event_processing: flow } = health.ingestion_service;
  const homes = connections(health);
  const problems = homes.flatMap((home) => connectionProblems(home, homes.length > 1 ? `${home.home}: ` : ""));
  if (!store.is_connected) problems.push(storeProblem(store));
  else if (flow.last_error !== null && homes.every((home) => home.is_connected)) problems.push(problem(withStop(flow.last_error)));
  return problems;
}

interface HomeConnection {
  readonly home: string;
  readonly is_connected: boolean;
  readonly state: ConnectionState;
  readonly last_error: string | null;
  readonly event_types: readonly string[] | null;
  readonly token_variable: string;
}

/** Every home's; the whole's where there is one home, or nobody could say. */
function connections({ home, homes, ingestion_service: { websocket_connection } }: HealthAnswer): HomeConnection[] {
  if (homes.length < 2) return [{ home: home ?? "home", ...websocket_connection }];
  return homes.map((each) => ({ ...each, is_connected: each.state === "connected" }));
}

function connectionProblems(home: HomeConnection, prefix: string): Problem[] {
  if (!home.is_connected) {
    const [text, runbook] = CONNECTION_PROBLEMS[home.state];
    return [problem(prefix + withReason(text.replace("{token}", home.token_variable), home.last_error), runbook)];
  }
  return home.event_types === null ? [] : [problem(prefix + partOfTheEvents(home.token_variable), "event_types_missing")];
}

function partOfTheEvents(variable: string): string {
  return "Only state changes and a few system events are received; call_service, automation_triggered and others are missing. " +
    `The token in ${variable} is not an administrator's: create one as an administrator, and set it with ha-ingestor token set.`;
}

function storeProblem(store: HealthAnswer["ingestion_service"]["influxdb_storage"]): Problem {
  if (store.error_key === STORE_DAMAGED) return problem(withStop(store.last_error ?? "The store is damaged"), STORE_DAMAGED);
  return problem(withReason("The store does not accept events; it is tried again", store.last_error));
}

/** By state: what is wrong and what to do, and the runbook that says more. */
const CONNECTION_PROBLEMS: Readonly<Record<ConnectionState, readonly [string, string?]>> = {
  auth_invalid: ["Home Assistant refuses the token in {token}: create a new one there, and set it with ha-ingestor token set", "token_refused"],
  forbidden: ["Home Assistant answers 403: it has banned this address (remove it from ip_bans.yaml and restart Home Assistant), or a proxy refuses it", "address_forbidden"],
  certificate_refused: ["The certificate of Home Assistant is not trusted: name its authority in HA_CA_FILE", "certificate_refused"],
  subscription_refused: ["Home Assistant refuses events to the token in {token}: set an administrator's with ha-ingestor token set", "event_types_missing"],
  connecting: ["Connecting to Home Assistant"],
  connected: ["The connection to Home Assistant is being checked"],
  disconnected: ["Home Assistant cannot be reached; it is tried again"],
  stopped: ["websocket-ingestion has stopped"],
  unknown: ["websocket-ingestion does not say how it is"],
};

function problem(text: string, runbook: string | null = null): Problem {
  return { text, runbook: runbook === null ? null : `/api/v1/runbooks/${runbook}` };
}

function withReason(text: string, reason: string | null): string {
  return reason === null ? `${text}.` : `${text} (${reason}).`;
}

function withStop(text: string): string {
  return text.endsWith(".") ? text : `${text}.`;
}
