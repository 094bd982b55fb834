/** The windows of an answer, cut to the time that it covers. */
import type { ChartSpan } from "@/components/chart/chartTypes";
import type { ServiceTrendsAnswer } from "@/types/api";

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The length of a window as the API writes it: `5m`, `1h`, `7d`. */
export function windowMs(window: string): number {
  return Number(window.slice(0, -1)) * (UNIT_MS[window.slice(-1)] ?? NaN);
}

/** One span for each time of the answer; the last one may still grow. */
export function windowSpans({ times, window, start, end }: ServiceTrendsAnswer): ChartSpan[] {
  const [startMs, endMs, lengthMs] = [Date.parse(start), Date.parse(end), windowMs(window)];
  return times.map((time) => {
    const fromMs = Date.parse(time);
    const toMs = fromMs + lengthMs;
    return { fromMs: Math.max(fromMs, startMs), toMs: Math.min(toMs, endMs), isPartial: toMs > endMs };
  });
}
