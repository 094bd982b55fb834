/** Converts counts per window to events per minute, with correct values for partial windows. */
import type { StatsAnswer } from "@/types/api";
import { PERIOD_FACTS, type Period } from "@/types/period";

const MINUTE_MS = 60_000;
/** For a smaller part of a window, a rate is mostly chance. */
const SMALLEST_PART = 0.1;
/** With recent data only, the axis is shortened so that at least so many windows fill the chart. */
const FEWEST_WINDOWS = 10;

export interface TrendWindow {
  /** The part of the window that is covered by the period and the data. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
  /** Null if it is unknown or the covered part is too small for a rate. */
  readonly perMinute: number | null;
  /** Whether the complete window is covered. */
  readonly isWhole: boolean;
}

export interface Trend {
  /** Start of the axis: the start of the period, or shortly before the data if that is later. */
  readonly startMs: number;
  readonly endMs: number;
  /** Start of the counts, if that is later than the start of the period. */
  readonly countedFromMs: number | null;
  readonly windows: readonly TrendWindow[];
}

/** Return the trend of an answer. The API aligns windows to full hours and minutes, so the first and the last are partial. */
export function toTrend({ timestamp, start, end, period, trends, coverage }: StatsAnswer): Trend {
  const facts = period === null ? undefined : PERIOD_FACTS[period as Period];
  const endMs = Date.parse(facts ? timestamp : end);
  const periodStartMs = facts ? endMs - facts.minutes * MINUTE_MS : Date.parse(start);
  const dataStartMs = coverage.start === null ? endMs : Date.parse(coverage.start);
  const knownFromMs = coverage.complete ? periodStartMs : Math.max(periodStartMs, dataStartMs);
  const lengthMs = facts ? facts.windowMinutes * MINUTE_MS : (spacingMs(trends) ?? endMs - periodStartMs);
  const windows = trends.map(({ time, count }, at) => {
    const startsMs = Date.parse(time);
    const window = cut(startsMs, lengthMs, knownFromMs, endMs, count ?? 0);
    // A capture begins with a snapshot: the count of that window includes states from before. It is used only if no other window exists.
    const holdsEarlier = !coverage.complete && startsMs < dataStartMs && at < trends.length - 1;
    return holdsEarlier || count === null ? { ...window, perMinute: null } : window;
  });
  const startMs = Math.max(periodStartMs, Math.min(knownFromMs, endMs - FEWEST_WINDOWS * lengthMs));
  return { startMs, endMs, countedFromMs: knownFromMs > periodStartMs ? knownFromMs : null, windows };
}

/** Length of a window of a free range, which the API has chosen. */
function spacingMs([first, second]: StatsAnswer["trends"]): number | null {
  return first && second ? Date.parse(second.time) - Date.parse(first.time) : null;
}

function cut(windowMs: number, lengthMs: number, knownFromMs: number, endMs: number, count: number): TrendWindow {
  const fromMs = Math.min(Math.max(windowMs, knownFromMs), windowMs + lengthMs);
  const toMs = Math.max(Math.min(windowMs + lengthMs, endMs), fromMs);
  const part = (toMs - fromMs) / lengthMs;
  const perMinute = part < SMALLEST_PART ? null : count / ((toMs - fromMs) / MINUTE_MS);
  return { fromMs, toMs, count, perMinute, isWhole: part === 1 };
}
