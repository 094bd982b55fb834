import { chartColumns } from "@/components/chart/chartData";
import { chartOptions, type ChartLook } from "@/components/chart/chartOptions";
import type { ChartSeries } from "@/components/chart/chartTypes";
import { aChart } from "@/test/aChart";
import type uPlot from "uplot";
import { expect, test } from "vitest";

const TONES = { accent: "blue", good: "green", warn: "amber", bad: "red", soft: "grey" };
const steps: uPlot.Series.PathBuilder = () => null;
const LOOK: ChartLook = {
  size: "large",
  width: 800,
  height: 284,
  font: "11px sans-serif",
  colours: { lines: TONES, fills: { ...TONES, accent: "light-blue" }, grid: "c", text: "d" },
  paths: { steps },
};

function optionsOf(series: ChartSeries[], look: Partial<ChartLook> = {}): uPlot.Options {
  return chartOptions(chartColumns(aChart({ series })), { ...LOOK, ...look }, {
    timeRange: () => [0, 1],
    valueRange: () => [0, 1],
    formatMark: (value) => `${value} ms`,
    onPoint: () => undefined,
  });
}

const RATE: ChartSeries = { label: "Rate", values: [1, 2, 3] };
const BEFORE: ChartSeries = { label: "Before", values: [1, 2, 3], isPrevious: true };

test("a line is filled, and dashed in a window that has not ended", () => {
  const [, settled, growing] = optionsOf([RATE]).series;
  expect(settled).toMatchObject({ stroke: "blue", fill: "light-blue" });
  expect(settled).not.toHaveProperty("dash");
  expect(growing).toMatchObject({ stroke: "blue", dash: [4, 4] });
  expect(growing).not.toHaveProperty("fill");
});

test("the previous period is soft and dashed, and not filled", () => {
  const [, before, settled] = optionsOf([RATE, BEFORE]).series;
  expect(before).toMatchObject({ label: "Before", stroke: "grey", dash: [4, 4] });
  expect(before).not.toHaveProperty("fill");
  expect(settled).toMatchObject({ fill: "light-blue" });
});

test("two lines are not filled", () => {
  const [, first, , second] = optionsOf([RATE, { ...RATE, tone: "warn" }]).series;
  expect(first).not.toHaveProperty("fill");
  expect(second).toMatchObject({ stroke: "amber" });
});

test("steps are drawn by the path that is given", () => {
  expect(optionsOf([{ ...RATE, shape: "steps" }]).series[1]?.paths).toBe(steps);
});

test("bars are solid, and light while their window has not ended", () => {
  const [, settled, growing] = optionsOf([{ ...RATE, shape: "bars" }]).series;
  expect(settled).toMatchObject({ fill: "blue", points: { show: false } });
  expect(growing).toMatchObject({ fill: "light-blue" });
});

test("a small chart has neither axes nor a pointer", () => {
  const { axes, cursor } = optionsOf([RATE], { size: "small" });
  expect(axes?.map(({ show }) => show)).toEqual([false, false]);
  expect(cursor?.show).toBe(false);
});

test("marks have their unit", () => {
  const values = optionsOf([RATE]).axes?.[1]?.values;
  if (typeof values !== "function") throw new Error("the axis has no words");
  expect(values(undefined as never, [0, 5], 1, 1, 1)).toEqual(["0 ms", "5 ms"]);
});

test("points mark the last value, and values without a neighbour", () => {
  const [, settled, growing] = optionsOf([RATE]).series;
  const marks = (series: uPlot.Series | undefined, values: (number | null)[]) => {
    const filter = series?.points?.filter;
    return typeof filter === "function" ? filter({ data: [[], values] } as unknown as uPlot, 1, true, null) : null;
  };
  expect(marks(growing, [null, 62, 60])).toEqual([2]);
  expect(marks(settled, [1, null, 62, 60])).toEqual([0]);
});

test("the pointer reports the span, and that it left", () => {
  const points: (number | null)[] = [];
  const options = chartOptions(chartColumns(aChart()), LOOK, {
    timeRange: () => [0, 1],
    valueRange: () => [0, 1],
    formatMark: String,
    onPoint: (index) => points.push(index),
  });
  const hook = options.hooks?.setCursor?.[0];
  const chart = (cursor: object) => ({ cursor, data: [[10, 20]], valToPos: (seconds: number) => seconds }) as unknown as uPlot;
  hook?.(chart({ idx: 1, left: 15 }));
  hook?.(chart({ idx: null, left: -10 }));
  expect(points).toEqual([1, null]);
});
