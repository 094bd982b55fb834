/** The trend as a chart, with the previous period behind it. */
import type { Chart } from "@/components/chart/chartTypes";
import type { Trend, TrendWindow } from "@/features/trend/trendSeries";
import { trendTexts as texts } from "@/texts/overview";
import { formatCount, formatRate } from "@/utils/format/formatNumber";

/** An earlier trend, and the shift of its times onto the current one. */
export interface TrendBefore {
  readonly trend: Trend;
  readonly shiftMs: number;
}

/** Events per minute as a line; the counts are in tooltip and table. */
export function toTrendChart({ startMs, endMs, windows: all }: Trend, before: TrendBefore | null = null): Chart {
  const windows = all.filter(({ fromMs, toMs }) => toMs > fromMs); // only the windows after counting began
  const previous = before === null ? [] : windows.map((window) => rateBefore(window, before));
  return {
    label: texts.title,
    startMs,
    endMs,
    spans: windows.map(({ fromMs, toMs, isWhole }) => ({ fromMs, toMs, isPartial: !isWhole })),
    series: [
      { label: texts.current, values: windows.map(({ perMinute }) => perMinute) },
      ...(previous.some((rate) => rate !== null) ? [{ label: texts.before, values: previous, isPrevious: true }] : []),
      { label: texts.events, values: windows.map(({ count }) => count), shape: "text", format: formatCount },
    ],
    format: formatRate,
    leastTop: 1,
  };
}

/** Return the rate of the earlier window at the same position; both can be cut at the ends. */
function rateBefore({ fromMs, toMs }: TrendWindow, { trend, shiftMs }: TrendBefore): number | null {
  const middleMs = (fromMs + toMs) / 2 - shiftMs;
  const under = trend.windows.find((window) => window.fromMs <= middleMs && middleMs < window.toMs);
  return under?.perMinute ?? null;
}
