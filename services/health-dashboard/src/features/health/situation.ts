/** Computes the situation from all data: tone, headline, problems and header badges. */
import { apiProblem } from "@/features/health/apiProblem";
import { captureProblems, isCapturing } from "@/features/health/captureProblems";
import { flowOf } from "@/features/health/flowOf";
import { notices } from "@/features/health/notices";
import type { BadgeWords, Known, Problem, Situation } from "@/features/health/problem";
import { isStoreReadable, storeProblem } from "@/features/health/storeProblem";
import type { HealthAnswer } from "@/types/api";
import type { Tone } from "@/components/signs/tones";
import { ALERTS, BOTH_DOWN, CHECKING, FINE, HEALTH_BADGE, OTHER, STREAM_BADGE, UPDATING } from "@/texts/situation";

/** `/health` is requested every 3 s. An answer of this age is stale (a tab in the background, a slow network). */
const OLD_MS = 15_000;

/** Return the situation. Pure: equal input gives an equal result. */
export function describeSituation(known: Known): Situation {
  const { health, healthError } = known;
  if (healthError) return withoutAnswer(known, apiProblem(healthError, health?.deployment ?? null, known.healthAtMs));
  if (!health) return neutral(known, "checking", CHECKING, HEALTH_BADGE.checking, null);
  if (known.healthAtMs !== null && known.nowMs - known.healthAtMs > OLD_MS) {
    return neutral(known, "updating", UPDATING, HEALTH_BADGE.updating, known.healthAtMs);
  }
  return withAnswer(known, health);
}

function withoutAnswer(known: Known, problem: Problem): Situation {
  const isSignedOut = problem.kind === "signed_out";
  const word = isSignedOut ? HEALTH_BADGE.signedOut : problem.kind === "unreachable" ? HEALTH_BADGE.unreachable : HEALTH_BADGE.unknown;
  return {
    kind: problem.kind,
    tone: problem.tone,
    headline: problem.headline,
    text: problem.text,
    problems: [problem],
    isOutage: !isSignedOut,
    health: healthBadge(problem.tone, word, problem.headline),
    stream: streamBadge(known, problem.kind === "unreachable" ? "offline" : null),
    asOfMs: known.healthAtMs,
  };
}

function neutral(known: Known, kind: string, words: { headline: string; text: string }, badge: string, asOfMs: number | null): Situation {
  return {
    kind,
    tone: "neutral",
    ...words,
    problems: [],
    isOutage: false,
    health: healthBadge("neutral", badge, words.headline),
    stream: streamBadge(known, kind === "updating" ? "connecting" : null),
    asOfMs,
  };
}

function withAnswer(known: Known, health: HealthAnswer): Situation {
  const flow = flowOf(health);
  const store = storeProblem(health, flow);
  const capture = captureProblems(health);
  const outages = [...(store === null ? [] : [store]), ...capture];
  if (outages.length === 0 && health.overall_status !== "healthy") outages.push(otherProblem(health));
  const noted = outages.length === 0 ? notices(known, health, flow) : [];
  const problems = [...outages, ...noted];
  const [first] = problems;
  const areBothDown = store !== null && store.kind !== "pipeline_silent" && isCapturing(health) === false;
  const waitsForAnything = !isStoreReadable(health);
  return {
    kind: areBothDown ? "both_down" : (first?.kind ?? "fine"),
    tone: worst(problems.map(({ tone }) => tone)),
    headline: areBothDown ? BOTH_DOWN : (first?.headline ?? FINE.headline),
    text: first?.text ?? fineText(health, flow.waiting),
    problems,
    isOutage: outages.length > 0,
    health: withAnswerBadge(known, health, problems),
    stream: streamBadge(known, waitsForAnything ? "waiting" : null),
    asOfMs: null,
  };
}

function otherProblem(health: HealthAnswer): Problem {
  const { event_processing, influxdb_storage } = health.ingestion_service;
  const reason = event_processing.last_error ?? influxdb_storage.last_error;
  return { kind: "other", tone: health.overall_status === "degraded" ? "warn" : "bad", ...OTHER, since: null, runbook: null, reason };
}

function fineText(health: HealthAnswer, waiting: number | null): string {
  if (health.home === "demo") return FINE.demo;
  const rate = health.events_per_minute === null ? "" : FINE.rate(health.events_per_minute);
  return waiting === 0 ? `${rate} ${FINE.nothingWaits}`.trim() : rate;
}

function withAnswerBadge(known: Known, health: HealthAnswer, problems: readonly Problem[]): BadgeWords {
  const title = problems[0]?.headline ?? FINE.headline;
  if (health.overall_status !== "healthy") {
    const isDegraded = health.overall_status === "degraded";
    return healthBadge(isDegraded ? "warn" : "bad", HEALTH_BADGE[health.overall_status], title);
  }
  const alerts = problems.find(({ kind }) => kind === "alerts");
  if (alerts) return healthBadge(alerts.tone, ALERTS.badge((known.alerts ?? []).filter(({ acknowledged }) => acknowledged === null).length), title);
  return healthBadge("good", HEALTH_BADGE.healthy, title);
}

function healthBadge(tone: Tone, text: string, title: string): BadgeWords {
  return { tone, text, title, icon: tone === "good" ? "check" : tone === "neutral" || tone === "info" ? "clock" : "alert" };
}

const STREAM_TONES: Readonly<Record<keyof typeof STREAM_BADGE, Tone>> = {
  connecting: "neutral",
  live: "info",
  polling: "warn",
  offline: "bad",
  waiting: "warn",
  paused: "neutral",
};

/** `outer` is the badge that follows from the health; it takes precedence over the state of the stream. */
function streamBadge(known: Known, outer: keyof typeof STREAM_BADGE | null): BadgeWords {
  const status = outer ?? (known.isPaused && known.stream !== "offline" ? "paused" : known.stream);
  const [text, title] = STREAM_BADGE[status];
  return { tone: STREAM_TONES[status], text, title, icon: status === "paused" ? "pause" : null };
}

const ORDER: readonly Tone[] = ["good", "info", "neutral", "warn", "bad"];

function worst(tones: readonly Tone[]): Tone {
  return ORDER[Math.max(0, ...tones.map((tone) => ORDER.indexOf(tone)))] ?? "good";
}
