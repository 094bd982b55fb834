/** Formats a time range in the viewer's time zone, to the second. */
import { gapTexts } from "@/texts/records";
import { formatSecond } from "@/utils/format/formatTime";

/** `14:02:10 – 14:31:05`; a time of another day has its date. */
export function spanWords({ start, end }: { readonly start: string; readonly end: string }, nowMs: number): string {
  const [startMs, endMs] = [Date.parse(start), Date.parse(end)];
  return gapTexts.span(formatSecond(startMs, nowMs), formatSecond(endMs, startMs));
}
