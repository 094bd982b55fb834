/** The range before the selected one, of the same length, and the shift between both. */
import type { FreeRange, TimeChoice } from "@/types/period";
import { PERIOD_FACTS } from "@/types/period";
import { isFreeRange } from "@/utils/time/timeChoice";

const MINUTE_MS = 60_000;

export interface RangeBefore extends FreeRange {
  /** Shift in whole windows, so that the windows of both ranges are cut alike. */
  readonly shiftMs: number;
}

export function rangeBefore(time: TimeChoice, nowMs: number): RangeBefore {
  if (isFreeRange(time)) {
    const startMs = Date.parse(time.start);
    const lengthMs = Date.parse(time.end) - startMs;
    return range(startMs - lengthMs, startMs, lengthMs);
  }
  const { minutes, windowMinutes } = PERIOD_FACTS[time];
  const shiftMs = Math.floor(minutes / windowMinutes) * windowMinutes * MINUTE_MS;
  return range(nowMs - minutes * MINUTE_MS - shiftMs, nowMs - shiftMs, shiftMs);
}

function range(startMs: number, endMs: number, shiftMs: number): RangeBefore {
  const first = Math.max(0, startMs); // the API stores nothing before 1970
  return { start: new Date(first).toISOString(), end: new Date(Math.max(first + 1000, endMs)).toISOString(), shiftMs };
}
