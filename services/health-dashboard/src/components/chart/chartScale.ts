/** The range of the value axis. */
import type { Chart } from "@/components/chart/chartTypes";

const STEPS = [1, 1.5, 2, 3, 4, 5, 6, 8, 10];
const MARGIN = 1.05;
const PADDING = 0.12;

/** Return minimum and maximum of the value axis over all drawn series. */
export function valueRange(chart: Chart): [number, number] {
  const values = chart.series
    .filter(({ shape }) => shape !== "text")
    .flatMap((series) => series.values)
    .filter((value) => value !== null);
  // Not Math.max(...values): a long list exceeds the number of arguments of a call.
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  if (chart.baseline === "data") return aroundData(low, high);
  return [chart.bottom ?? (low < 0 ? -roundTop(-low) : 0), chart.top ?? roundTop(Math.max(high, chart.leastTop ?? 0))];
}

/** Return a round number above the highest value, so that the axis does not change with every point. */
export function roundTop(highest: number): number {
  if (highest <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(highest));
  const step = STEPS.find((factor) => factor * power >= highest * MARGIN) ?? 15;
  return step * power;
}

function aroundData(low: number, high: number): [number, number] {
  if (low > high) return [0, 1];
  const padding = high > low ? (high - low) * PADDING : Math.max(Math.abs(high) * PADDING, 1);
  return [low - padding, high + padding];
}
