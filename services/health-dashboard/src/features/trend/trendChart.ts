/** The trend as a chart. */
import type { Chart } from "@/components/chart/chartTypes";
import type { Trend } from "@/features/trend/trendSeries";
import { formatCount, formatRate } from "@/utils/formatNumber";

/** Events per minute as a line; the counts stand in the tooltip and the table. */
export function toTrendChart({ startMs, endMs, windows }: Trend): Chart {
  return {
    label: "Events per minute",
    startMs,
    endMs,
    spans: windows.map(({ fromMs, toMs, isWhole }) => ({ fromMs, toMs, isPartial: !isWhole })),
    series: [
      { label: "Per minute", values: windows.map(({ perMinute }) => perMinute) },
      { label: "Events", values: windows.map(({ count }) => count), shape: "text", format: formatCount },
    ],
    format: formatRate,
    leastTop: 1,
  };
}
