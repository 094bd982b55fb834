/** The options of uPlot for a chart. Pure: colours, paths and callbacks are parameters. */
import { lastPoint, lonePoints, type ChartColumn } from "@/components/chart/chartData";
import type { ChartShape, ChartSize, ChartTone } from "@/components/chart/chartTypes";
import { formatTick } from "@/utils/format/formatTime";
import type uPlot from "uplot";

export interface ChartColours {
  readonly lines: Readonly<Record<ChartTone, string>>;
  readonly fills: Readonly<Record<ChartTone, string>>;
  readonly grid: string;
  readonly text: string;
}

export interface ChartLook {
  readonly size: ChartSize;
  readonly width: number;
  readonly height: number;
  readonly font: string;
  readonly colours: ChartColours;
  /** Path builders for everything but plain lines. */
  readonly paths: Readonly<Partial<Record<ChartShape, uPlot.Series.PathBuilder | undefined>>>;
}

export interface ChartCallbacks {
  /** The range of the time axis, in seconds. */
  readonly timeRange: () => [number, number];
  readonly valueRange: () => [number, number];
  readonly formatMark: (value: number) => string;
  /** Called with the index of the span under the pointer and the position of its middle; null outside of the plot. */
  readonly onPoint: (index: number | null, leftPx: number) => void;
}

/** The width of the value axis; the tooltip is placed beside it. */
export const VALUE_AXIS_PX = 60;
const DASH = [4, 4];

/** Build the options. Canvas colours do not follow the theme, so the options are rebuilt for each theme. */
export function chartOptions(columns: readonly ChartColumn[], look: ChartLook, callbacks: ChartCallbacks): uPlot.Options {
  const isSmall = look.size === "small";
  return {
    width: look.width,
    height: look.height,
    padding: isSmall ? [4, 4, 4, 4] : [12, 20, 0, 0],
    legend: { show: false },
    cursor: isSmall
      ? { show: false }
      : { y: false, drag: { x: false, y: false }, points: { size: 7, fill: (_, at) => lineColour(columns[at - 1], look) } },
    scales: { x: { range: callbacks.timeRange }, y: { range: callbacks.valueRange } },
    axes: isSmall ? [{ show: false }, { show: false }] : axes(look, callbacks),
    series: [{}, ...columns.map((column) => series(column, columns, look))],
    hooks: { setCursor: [reportPoint(callbacks.onPoint)] },
  };
}

function axes({ colours, font }: ChartLook, { formatMark }: ChartCallbacks): uPlot.Axis[] {
  const axis = { stroke: colours.text, font, ticks: { show: false }, grid: { stroke: colours.grid, width: 1 } };
  return [
    {
      ...axis,
      grid: { show: false },
      size: 32,
      space: 70,
      values: (_, splits, __, ___, increment) => splits.map((seconds) => formatTick(seconds, increment)),
    },
    { ...axis, size: VALUE_AXIS_PX, space: 44, values: (_, splits) => splits.map(formatMark) },
  ];
}

function series(column: ChartColumn, columns: readonly ChartColumn[], look: ChartLook): uPlot.Series {
  const { shape = "line", tone = "accent", isPrevious = false } = column.series;
  const stroke = lineColour(column, look);
  const isBars = shape === "bars";
  const isAlone = columns.filter(({ isGrowing, series: { isPrevious: isBehind } }) => !isGrowing && isBehind !== true).length === 1;
  const isFilled = isBars || (isAlone && !column.isGrowing && !isPrevious);
  const paths = look.paths[shape];
  return {
    label: column.series.label,
    stroke,
    width: look.size === "small" ? 1.25 : 1.75,
    ...(isFilled && { fill: isBars && !column.isGrowing && !isPrevious ? stroke : look.colours.fills[tone] }),
    ...((column.isGrowing || isPrevious) && { dash: DASH }),
    ...(paths && { paths }),
    points: isBars ? { show: false } : { show: true, size: 6, fill: stroke, stroke, filter: pointsOf(column) },
  };
}

/** A dot marks the last value of the line, and values that no line shows. */
function pointsOf({ isGrowing }: ChartColumn): uPlot.Series.Points.Filter {
  return (chart, at) => (isGrowing ? lastPoint : lonePoints)(chart.data[at] ?? []);
}

function lineColour(column: ChartColumn | undefined, { colours }: ChartLook): string {
  return colours.lines[column?.series.isPrevious === true ? "soft" : (column?.series.tone ?? "accent")];
}

function reportPoint(onPoint: ChartCallbacks["onPoint"]): (chart: uPlot) => void {
  return (chart) => {
    const index = chart.cursor.idx ?? null;
    const seconds = index === null ? undefined : chart.data[0][index];
    if (seconds === undefined || (chart.cursor.left ?? -1) < 0) onPoint(null, 0);
    else onPoint(index, chart.valToPos(seconds, "x"));
  };
}
