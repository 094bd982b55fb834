/** The range of a history, and the window of its numbers. */
import { serverClock } from "@/lib/serverClock";
import { PERIOD_FACTS, type TimeChoice } from "@/types/period";
import { isFreeRange } from "@/utils/time/timeChoice";

const MINUTE_MS = 60_000;
const MOST_WINDOWS = 200;
const WINDOWS: readonly (readonly [number, string])[] = [
  [1, "1m"],
  [5, "5m"],
  [15, "15m"],
  [60, "1h"],
  [360, "6h"],
  [1440, "1d"],
  [10_080, "7d"],
];

export interface HistoryRange {
  readonly start: string;
  /** Undefined: until now. */
  readonly end: string | undefined;
  readonly window: string;
  readonly windowMs: number;
}

/** Return the range with the parameters of the API; a period ends now. */
export function historyRange(time: TimeChoice, nowMs: number = serverClock.now()): HistoryRange {
  const [startMs, endMs] = isFreeRange(time)
    ? [Date.parse(time.start), Date.parse(time.end)]
    : [nowMs - PERIOD_FACTS[time].minutes * MINUTE_MS, nowMs];
  const minutes = (endMs - startMs) / MINUTE_MS;
  const [length, window] = WINDOWS.find(([each]) => minutes / each <= MOST_WINDOWS) ?? [365 * 1440, "1y"];
  return { start: new Date(startMs).toISOString(), end: isFreeRange(time) ? time.end : undefined, window, windowMs: length * MINUTE_MS };
}
