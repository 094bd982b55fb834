/** The figures of a service: value and chart of each. */
import type { Chart, ChartSeries } from "@/components/chart/chartTypes";
import { windowSpans } from "@/features/services/windowSpans";
import { servicesTexts } from "@/texts/services";
import type { ServiceStats, ServiceTrend, ServiceTrendsAnswer } from "@/types/api";
import { formatCount, formatLatency, formatPercent, formatRate } from "@/utils/format/formatNumber";

export const FIGURES = ["rate", "latency", "success", "errors", "queue", "lag"] as const;

export type Figure = (typeof FIGURES)[number];

/** A lower success rate is highlighted. */
const LOW_SUCCESS_PERCENT = 99;
/** Minimum of the success axis: a tenth of a percent is not visible on an axis from zero. */
const SUCCESS_FLOORS = [99, 95, 90, 50];

export interface FigureValue {
  readonly text: string;
  readonly isWarning: boolean;
}

type Values = readonly (number | null)[];

const { figures: words } = servicesTexts;

/** Return the value of a figure over the selected time range. */
export function figureValue(figure: Figure, stats: ServiceStats | undefined): FigureValue {
  const seconds = stats?.lag_s ?? null;
  const errors = stats ? sum(stats.events_rejected, stats.events_failed) : null;
  const success = stats?.success_rate ?? null;
  const values: Readonly<Record<Figure, readonly [string, boolean?]>> = {
    rate: [formatRate(stats?.events_per_minute ?? null)],
    latency: [formatLatency(stats?.processing_time_ms_p95 ?? null)],
    success: [formatPercent(success), success !== null && success < LOW_SUCCESS_PERCENT],
    errors: [formatCount(errors)],
    queue: [formatCount(stats?.queue_depth ?? null)],
    lag: [formatLag(seconds)],
  };
  const [text, isWarning = false] = values[figure];
  return { text, isWarning };
}

/** Return the charts of all figures of one service. */
export function figureCharts(answer: ServiceTrendsAnswer, trend: ServiceTrend, name: string): Record<Figure, Chart> {
  const base = { startMs: Date.parse(answer.start), endMs: Date.parse(answer.end), spans: windowSpans(answer) };
  const chart = (figure: Figure, series: readonly ChartSeries[], rest: Pick<Chart, "format"> & Partial<Chart>): Chart => ({
    ...base,
    ...rest,
    label: servicesTexts.chartOf(words[figure].label, name),
    series,
  });
  const count = (label: string, values: Values): ChartSeries => ({ label, values, shape: "text", format: formatCount });
  const finished = columnSum(trend.events_processed, trend.events_duplicate, trend.events_filtered, trend.events_expired, trend.events_rejected, trend.events_failed);
  return {
    rate: chart("rate", [{ label: words.rate.series, values: trend.events_per_minute }, count(words.rate.received, trend.events_received)], {
      format: formatRate,
      leastTop: 1,
    }),
    latency: chart(
      "latency",
      [
        { label: words.latency.p95, values: trend.processing_time_ms_p95 },
        { label: words.latency.p50, values: trend.processing_time_ms_p50, tone: "good" },
        { label: words.latency.mean, values: trend.processing_time_ms, shape: "text" },
      ],
      { format: formatLatency },
    ),
    success: chart(
      "success",
      [{ label: words.success.series, values: trend.success_rate, tone: "good" }, count(words.success.finished, finished)],
      { format: formatPercent, top: 100, bottom: successFloor(trend.success_rate) },
    ),
    errors: chart(
      "errors",
      [
        { label: words.errors.series, values: columnSum(trend.events_rejected, trend.events_failed), tone: "bad", shape: "bars" },
        { label: words.errors.writes, values: trend.write_errors, tone: "warn" },
      ],
      { format: formatCount, leastTop: 4 },
    ),
    queue: chart("queue", [{ label: words.queue.series, values: trend.queue_depth_max }], { format: formatCount, leastTop: 9 }),
    lag: chart("lag", [{ label: words.lag.series, values: trend.lag_s_max }], { format: formatLag, leastTop: 0.9 }),
  };
}

function formatLag(seconds: number | null): string {
  return formatLatency(seconds === null ? null : seconds * 1000);
}

function successFloor(values: Values): number {
  const lowest = values.reduce<number>((least, value) => Math.min(least, value ?? 100), 100);
  return SUCCESS_FLOORS.find((floor) => floor < lowest) ?? 0;
}

/** Sum by window; null if one of the values is unknown. */
function columnSum(first: Values, ...others: readonly Values[]): (number | null)[] {
  return first.map((value, at) => others.reduce((total, values) => sum(total, values[at] ?? null), value));
}

function sum(first: number | null, second: number | null): number | null {
  return first === null || second === null ? null : first + second;
}
