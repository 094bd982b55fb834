/** A stretch of time in the viewer's zone, to the second. */
import { gapTexts } from "@/texts/records";
import { formatSecond } from "@/utils/format/formatTime";

/** `14:02:10 – 14:31:05`, with the day of either end where it is not today's or the start's. */
export function spanWords({ start, end }: { readonly start: string; readonly end: string }, nowMs: number): string {
  const [startMs, endMs] = [Date.parse(start), Date.parse(end)];
  return gapTexts.span(formatSecond(startMs, nowMs), formatSecond(endMs, startMs));
}
