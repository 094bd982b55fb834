/** Finds problems between Home Assistant and the spool. */
import { runbook, type Problem } from "@/features/health/problem";
import type { ConnectionState, HealthAnswer } from "@/types/api";
import { CAPTURE, CONNECTION } from "@/texts/situation";

/** Return whether events are captured from at least one home; null if unknown. */
export function isCapturing(health: HealthAnswer): boolean | null {
  const homes = connections(health);
  if (homes.some((home) => home.state === "connected" && !home.isPaused)) return true;
  return homes.some((home) => home.state === "unknown") ? null : false;
}

/** Return the problems of each home. */
export function captureProblems(health: HealthAnswer): Problem[] {
  const homes = connections(health);
  const since = lastEvent(health);
  const problems = homes.flatMap((home) => homeProblem(home, health, since) ?? []);
  if (homes.length === 1) return problems.map(({ problem }) => problem);
  const down = problems.filter(({ isDown }) => isDown).length;
  return problems.map(({ home, problem, isDown }) => ({
    ...problem,
    headline: !isDown ? problem.headline : down === homes.length ? CAPTURE.down : CAPTURE.some(down, homes.length),
    text: isDown ? `${home}: ${problem.headline}. ${CAPTURE.refilled}` : `${home}: ${problem.text}`,
    since: null, // the time is for all homes together, and another home may have sent events since
  }));
}

interface HomeProblem {
  readonly home: string;
  readonly problem: Problem;
  readonly isDown: boolean;
}

function homeProblem(home: HomeConnection, health: HealthAnswer, since: Problem["since"]): HomeProblem | null {
  const found = (problem: Problem, isDown: boolean) => ({ home: home.home, problem, isDown });
  if (home.state !== "connected") return found(connectionProblem(home, since), home.state !== "unknown");
  if (home.isPaused) return found(pauseProblem(health.ingestion_service.event_processing.last_error, since), true);
  return home.event_types === null ? null : found(partialProblem(home), false);
}

interface HomeConnection {
  readonly home: string;
  readonly state: ConnectionState;
  readonly isPaused: boolean;
  readonly last_error: string | null;
  readonly event_types: readonly string[] | null;
  readonly token_variable: string;
}

/** The connection of every home; the single connection if no homes are listed. */
function connections({ home, homes, ingestion_service: { websocket_connection } }: HealthAnswer): readonly HomeConnection[] {
  const [only] = homes;
  const all = homes.length > 1 ? homes : [{ ...websocket_connection, home: home ?? "home", status: only?.status ?? "healthy" }];
  // A home that is connected, receives all event types and is still degraded has a full spool.
  return all.map((each) => ({ ...each, isPaused: each.state === "connected" && each.event_types === null && each.status === "degraded" }));
}

function connectionProblem(home: HomeConnection, since: Problem["since"]): Problem {
  const [headline, action] = CONNECTION[home.state];
  const isUnknown = home.state === "unknown";
  const name = RUNBOOKS[home.state];
  return {
    kind: isUnknown ? "capture_unknown" : home.state,
    tone: NEEDS_A_PERSON.has(home.state) || isUnknown ? "bad" : "warn",
    headline,
    text: isUnknown ? CAPTURE.unknownText : `${CAPTURE.down}. ${CAPTURE.refilled}`,
    action: action.replace("{token}", home.token_variable).replace("{url}", home.token_variable.replace("TOKEN", "URL")),
    since: isUnknown ? null : since,
    runbook: name === undefined ? null : runbook(name),
    reason: home.last_error,
  };
}

function pauseProblem(reason: string | null, since: Problem["since"]): Problem {
  return { kind: "paused", tone: "bad", headline: CAPTURE.paused, text: CAPTURE.pausedText, action: CAPTURE.pausedAction, since, runbook: runbook("disk_nearly_full"), reason };
}

function partialProblem(home: HomeConnection): Problem {
  return {
    kind: "partial",
    tone: "warn",
    headline: CAPTURE.partial,
    text: CAPTURE.partialText,
    action: CAPTURE.partialAction(home.token_variable),
    since: null,
    runbook: runbook("event_types_missing"),
    reason: null,
  };
}

function lastEvent({ ingestion_service: { event_processing } }: HealthAnswer): Problem["since"] {
  return event_processing.last_event_time === null ? null : { label: CAPTURE.since, ms: Date.parse(event_processing.last_event_time) };
}

const NEEDS_A_PERSON: ReadonlySet<ConnectionState> = new Set(["auth_invalid", "forbidden", "certificate_refused", "subscription_refused", "stopped"]);

const RUNBOOKS: Readonly<Partial<Record<ConnectionState, string>>> = {
  auth_invalid: "token_refused",
  forbidden: "address_forbidden",
  certificate_refused: "certificate_refused",
  subscription_refused: "event_types_missing",
  disconnected: "no_events",
};
