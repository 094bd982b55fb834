/** A chart's numbers as uPlot takes them: one column of times, then those of each drawn series. */
import type { Chart, ChartSeries } from "@/components/chart/chartTypes";

/** A column, and how it is drawn: a value that may still change is drawn apart from what is settled. */
export interface ChartColumn {
  readonly series: ChartSeries;
  readonly isGrowing: boolean;
}

/** The columns in the order in which they are drawn: the period before lies behind. */
export function chartColumns({ series }: Chart): ChartColumn[] {
  const drawn = series.filter(({ shape }) => shape !== "text");
  const previous = drawn.filter(({ isPrevious }) => isPrevious === true);
  const current = drawn.filter(({ isPrevious }) => isPrevious !== true);
  return [
    ...previous.map((one) => ({ series: one, isGrowing: false })),
    ...current.flatMap((one) => [false, true].map((isGrowing) => ({ series: one, isGrowing }))),
  ];
}

/** The times in seconds since 1970, then each column's values. */
export function chartData(chart: Chart): [number[], ...(number | null)[][]] {
  const times = chart.spans.map(({ fromMs, toMs }) => (fromMs + toMs) / 2000); // the middle, where a mean belongs
  return [times, ...chartColumns(chart).map((column) => columnValues(column, chart))];
}

function columnValues({ series, isGrowing }: ChartColumn, { spans }: Chart): (number | null)[] {
  const last = spans.length - 1;
  const grows = spans[last]?.isPartial === true && series.isPrevious !== true;
  // A line to the last value begins at the one before it; a bar stands by itself.
  const growsFrom = series.shape === "bars" ? last : last - 1;
  return spans.map((_, at) => {
    const value = series.values[at] ?? null;
    if (isGrowing) return grows && at >= growsFrom ? value : null;
    return grows && at === last ? null : value;
  });
}

/** Where a value has no neighbour: a line would not show it. */
export function lonePoints(values: ArrayLike<number | null | undefined>): number[] {
  const isKnown = (at: number) => values[at] !== null && values[at] !== undefined;
  return Array.from(values, (_, at) => at).filter((at) => isKnown(at) && !isKnown(at - 1) && !isKnown(at + 1));
}

/** Where the last known value is. */
export function lastPoint(values: ArrayLike<number | null | undefined>): number[] {
  const at = Array.from(values).findLastIndex((value) => value !== null && value !== undefined);
  return at === -1 ? [] : [at];
}
