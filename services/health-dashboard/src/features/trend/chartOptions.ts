/** uPlot's options for the trend: a filled line for what is settled, a dashed one for what still grows. */
import { formatRate } from "@/utils/formatNumber";
import { formatTick } from "@/utils/formatTime";
import type uPlot from "uplot";

export interface ChartColours {
  readonly line: string;
  readonly fill: string;
  readonly grid: string;
  readonly text: string;
}

export interface ChartLook {
  readonly width: number;
  readonly height: number;
  readonly font: string;
  readonly colours: ChartColours;
}

export interface ChartCallbacks {
  /** The range of the axis of time, in seconds. */
  readonly timeRange: () => [number, number];
  readonly top: () => number;
  /** The window under the pointer, and where it is; null when there is none. */
  readonly onPoint: (index: number | null, leftPx: number) => void;
}

/** The options; colours cannot follow a theme by themselves, so they are made anew with each. */
export function chartOptions(look: ChartLook, { timeRange, top, onPoint }: ChartCallbacks): uPlot.Options {
  const { colours, font } = look;
  const axis = { stroke: colours.text, font, ticks: { show: false }, grid: { stroke: colours.grid, width: 1 } };
  return {
    width: look.width,
    height: look.height,
    padding: [12, 20, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7, fill: colours.line } },
    scales: { x: { range: timeRange }, y: { range: () => [0, top()] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 32,
        space: 70,
        values: (_, splits, __, ___, increment) => splits.map((seconds) => formatTick(seconds, increment)),
      },
      { ...axis, size: 52, space: 44, values: (_, splits) => splits.map(formatRate) },
    ],
    series: [
      {},
      { stroke: colours.line, fill: colours.fill, width: 1.75, points: { show: false } },
      {
        stroke: colours.line,
        width: 1.75,
        dash: [4, 4],
        points: { show: true, size: 6, fill: colours.line, filter: (chart, series) => lastKnown(chart.data[series]) },
      },
    ],
    hooks: {
      setCursor: [
        (chart) => {
          const { cursor, data } = chart;
          const index = cursor.idx ?? null;
          const seconds = index === null ? undefined : data[0][index];
          if (seconds === undefined || (cursor.left ?? -1) < 0) onPoint(null, 0);
          else onPoint(index, chart.valToPos(seconds, "x"));
        },
      ],
    },
  };
}

/** The one dot: where the line is now, and all there is to see of a house that was just connected. */
function lastKnown(values: ArrayLike<number | null | undefined> = []): number[] {
  const at = Array.from(values).findLastIndex((value) => value !== null && value !== undefined);
  return at === -1 ? [] : [at];
}
