/** The trend as a chart, with the period before behind it. */
import type { Chart } from "@/components/chart/chartTypes";
import type { Trend, TrendWindow } from "@/features/trend/trendSeries";
import { trendTexts as texts } from "@/texts/overview";
import { formatCount, formatRate } from "@/utils/format/formatNumber";

/** An earlier trend, and by how much its times are moved onto this one. */
export interface TrendBefore {
  readonly trend: Trend;
  readonly shiftMs: number;
}

/** Events per minute as a line; the counts stand in the tooltip and the table. */
export function toTrendChart({ startMs, endMs, windows: all }: Trend, before: TrendBefore | null = null): Chart {
  const windows = all.filter(({ fromMs, toMs }) => toMs > fromMs); // not those before anything was counted
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

/** The rate of the earlier window that lies under this one; both may be cut short at the ends. */
function rateBefore({ fromMs, toMs }: TrendWindow, { trend, shiftMs }: TrendBefore): number | null {
  const middleMs = (fromMs + toMs) / 2 - shiftMs;
  const under = trend.windows.find((window) => window.fromMs <= middleMs && middleMs < window.toMs);
  return under?.perMinute ?? null;
}
