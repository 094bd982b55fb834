/** Finds notices while events are captured and stored: a backlog, gaps, the first start, alerts. */
import { runbook, type Flow, type Known, type Problem } from "@/features/health/problem";
import type { Gap, HealthAnswer } from "@/types/api";
import { ALERTS, BACKLOG, EMPTY, FALLBACK, GAPS } from "@/texts/situation";
import { formatSecond } from "@/utils/format/formatTime";

/** Fewer waiting events are a normal batch in flight. */
const SMALLEST_BACKLOG = 100;
/** How long an unrecovered gap is shown here; it stays on the page Records. */
const LOST_SHOWN_MS = 24 * 3_600_000;
/** Gaps that are requested history, where nothing was missed. */
const IS_HISTORY: ReadonlySet<Gap["reason"]> = new Set(["first_start", "requested"]);
/** A gap of some entities only; all others were captured. */
const NOT_SENT: Gap["reason"] = "not_sent";
const NOTHING = { action: null, since: null, runbook: null, reason: null };

/** Return the notices, most severe first. */
export function notices(known: Known, health: HealthAnswer, flow: Flow): Problem[] {
  return [backlog(flow), openGap(known), lostGap(known), activeAlerts(known), fallback(known), empty(health)].filter((found) => found !== null);
}

function backlog({ receivedPerMinute, storedPerMinute, waiting }: Flow): Problem | null {
  if (waiting === null || waiting < Math.max(SMALLEST_BACKLOG, receivedPerMinute ?? 0)) return null;
  const perMinute = receivedPerMinute === null || storedPerMinute === null ? null : storedPerMinute - receivedPerMinute;
  if (perMinute !== null && perMinute <= 0) {
    return {
      ...NOTHING,
      kind: "backlog_growing",
      tone: "warn",
      headline: BACKLOG.growing,
      text: BACKLOG.growingText(waiting),
      action: BACKLOG.growingAction,
      runbook: runbook("queue_growing"),
      page: "/flow",
    };
  }
  const minutes = perMinute === null ? null : waiting / perMinute;
  return { ...NOTHING, kind: "backlog_draining", tone: "info", headline: BACKLOG.draining, text: BACKLOG.drainingText(waiting, minutes) };
}

function openGap({ gaps, backfill, nowMs }: Known): Problem | null {
  if (gaps === undefined || gaps.open === 0) return null;
  const gap = gaps.gaps.find(({ status }) => status === "open");
  if (gap && IS_HISTORY.has(gap.reason) && gaps.open === 1) return null; // nothing was missed
  const percent = backfill?.closed === null ? `${Math.floor(backfill.done_percent)} %` : null;
  return {
    ...NOTHING,
    kind: "gap_open",
    tone: "info",
    headline: GAPS.open(gaps.open),
    text: gap?.reason === NOT_SENT ? GAPS.notSentOpenText(span(gap, nowMs)) : GAPS.openText(gap === undefined ? null : span(gap, nowMs), percent),
    runbook: runbook("gap_open"),
    page: "/records",
  };
}

function lostGap({ gaps, nowMs }: Known): Problem | null {
  const gap = gaps?.gaps.find((each) => each.status === "partial" && !IS_HISTORY.has(each.reason) && nowMs - Date.parse(each.end) < LOST_SHOWN_MS);
  if (gap === undefined) return null;
  return {
    ...NOTHING,
    kind: "gap_lost",
    tone: "warn",
    headline: gap.reason === NOT_SENT ? GAPS.notSent : GAPS.lost,
    text: (gap.reason === NOT_SENT ? GAPS.notSentText : GAPS.lostText)(span(gap, nowMs)),
    runbook: runbook("gap_open"),
    page: "/records",
    reason: gap.lost.join("\n"),
  };
}

/** Alerts that are not acknowledged; the level info is omitted. */
function activeAlerts({ alerts = [], nowMs }: Known): Problem | null {
  const open = alerts.filter(
    ({ acknowledged, level, silenced_until }) => acknowledged === null && level !== "info" && !(silenced_until !== null && Date.parse(silenced_until) > nowMs),
  );
  const [first] = open;
  if (first === undefined) return null;
  const tone = open.some(({ level }) => level === "critical") ? "bad" : "warn";
  return {
    ...NOTHING,
    kind: "alerts",
    tone,
    headline: ALERTS.headline(open.length),
    text: open.map(({ message }) => message).join(" · "),
    page: "/alerts",
  };
}

function fallback({ source }: Known): Problem | null {
  return source === "services-fallback" ? { ...NOTHING, kind: "fallback", tone: "info", ...FALLBACK } : null;
}

function empty(health: HealthAnswer): Problem | null {
  return health.events_per_minute === null ? { ...NOTHING, kind: "empty", tone: "info", ...EMPTY } : null;
}

function span({ start, end }: Gap, nowMs: number): string {
  const [startMs, endMs] = [Date.parse(start), Date.parse(end)];
  return GAPS.span(formatSecond(startMs, nowMs), formatSecond(endMs, startMs));
}
