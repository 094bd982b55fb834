/** Converts a chart to the data of uPlot: one column of times, then one for each drawn series. */
import type { Chart, ChartSeries } from "@/components/chart/chartTypes";

/** A column and its style: a value that can still change is drawn differently from final values. */
export interface ChartColumn {
  readonly series: ChartSeries;
  readonly isGrowing: boolean;
}

/** The columns in drawing order; the previous period is drawn first. */
export function chartColumns({ series }: Chart): ChartColumn[] {
  const drawn = series.filter(({ shape }) => shape !== "text");
  const previous = drawn.filter(({ isPrevious }) => isPrevious === true);
  const current = drawn.filter(({ isPrevious }) => isPrevious !== true);
  return [
    ...previous.map((one) => ({ series: one, isGrowing: false })),
    ...current.flatMap((one) => [false, true].map((isGrowing) => ({ series: one, isGrowing }))),
  ];
}

/** The times in seconds since 1970, then the values of each column. */
export function chartData(chart: Chart): [number[], ...(number | null)[][]] {
  const times = chart.spans.map(({ fromMs, toMs }) => (fromMs + toMs) / 2000); // a mean belongs to the middle of its window
  return [times, ...chartColumns(chart).map((column) => columnValues(column, chart))];
}

function columnValues({ series, isGrowing }: ChartColumn, { spans }: Chart): (number | null)[] {
  const last = spans.length - 1;
  const grows = spans[last]?.isPartial === true && series.isPrevious !== true;
  // A line to the last value begins at the value before it; a bar has no line.
  const growsFrom = series.shape === "bars" ? last : last - 1;
  return spans.map((_, at) => {
    const value = series.values[at] ?? null;
    if (isGrowing) return grows && at >= growsFrom ? value : null;
    return grows && at === last ? null : value;
  });
}

/** The indices of values without a neighbour, which a line would not show. */
export function lonePoints(values: ArrayLike<number | null | undefined>): number[] {
  const isKnown = (at: number) => values[at] !== null && values[at] !== undefined;
  return Array.from(values, (_, at) => at).filter((at) => isKnown(at) && !isKnown(at - 1) && !isKnown(at + 1));
}

/** The index of the last known value. */
export function lastPoint(values: ArrayLike<number | null | undefined>): number[] {
  const at = Array.from(values).findLastIndex((value) => value !== null && value !== undefined);
  return at === -1 ? [] : [at];
}
