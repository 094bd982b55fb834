/** The windows of an answer, clipped to its time range. */
import type { ChartSpan } from "@/components/chart/chartTypes";
import type { ServiceTrendsAnswer } from "@/types/api";

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Parse a window of the API: `5m`, `1h`, `7d`. */
export function windowMs(window: string): number {
  return Number(window.slice(0, -1)) * (UNIT_MS[window.slice(-1)] ?? NaN);
}

/** Return one span for each time of the answer; the last one can be incomplete. */
export function windowSpans({ times, window, start, end }: ServiceTrendsAnswer): ChartSpan[] {
  const [startMs, endMs, lengthMs] = [Date.parse(start), Date.parse(end), windowMs(window)];
  return times.map((time) => {
    const fromMs = Date.parse(time);
    const toMs = fromMs + lengthMs;
    return { fromMs: Math.max(fromMs, startMs), toMs: Math.min(toMs, endMs), isPartial: toMs > endMs };
  });
}
