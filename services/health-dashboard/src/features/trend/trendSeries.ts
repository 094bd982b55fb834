/** From counts per window to what is drawn: events per minute, with honest edges. */
import type { StatsAnswer } from "@/types/api";
import { PERIOD_FACTS, type Period } from "@/types/period";

const MINUTE_MS = 60_000;
/** Below this much of a window a rate says more about chance than about the home. */
const SMALLEST_PART = 0.1;
/** A house that was connected a minute ago should not be a speck at the end of a week; nor one point a whole chart. */
const FEWEST_WINDOWS = 10;

export interface TrendWindow {
  /** The part of the window that the period and the data cover. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
  /** Null where nothing is known, or too little to make a rate of. */
  readonly perMinute: number | null;
  /** The part is all of the window. */
  readonly isWhole: boolean;
}

export interface Trend {
  /** Where the axis begins: with the period, or shortly before the data where that is later. */
  readonly startMs: number;
  readonly endMs: number;
  /** Since when is counted, where that is later than the period begins. */
  readonly countedFromMs: number | null;
  readonly windows: readonly TrendWindow[];
}

/** The trend of an answer. The API cuts windows at full hours and minutes, so the first and the last are partial. */
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
    // A capture begins with the states that it finds: the count of that window holds changes from before it. Better than
    // nothing while it is the only one.
    const holdsEarlier = !coverage.complete && startsMs < dataStartMs && at < trends.length - 1;
    return holdsEarlier || count === null ? { ...window, perMinute: null } : window;
  });
  const startMs = Math.max(periodStartMs, Math.min(knownFromMs, endMs - FEWEST_WINDOWS * lengthMs));
  return { startMs, endMs, countedFromMs: knownFromMs > periodStartMs ? knownFromMs : null, windows };
}

/** How far apart two windows of a free range are: the API chose. */
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
