import { chartOptions } from "@/features/trend/chartOptions";
import type uPlot from "uplot";
import { expect, test } from "vitest";

const LOOK = { width: 800, height: 284, font: "11px sans-serif", colours: { line: "a", fill: "b", grid: "c", text: "d" } };

function dots(growing: (number | null)[]): unknown {
  const options = chartOptions(LOOK, { timeRange: () => [0, 1], top: () => 1, onPoint: () => undefined });
  const filter = options.series[2]?.points?.filter;
  if (typeof filter !== "function") throw new Error("the growing line has no filter");
  return filter({ data: [[], [], growing] } as unknown as uPlot, 2, true, null);
}

test("one dot marks where the line is now", () => {
  expect(dots([null, 62, 60])).toEqual([2]);
});

test("it stays at the last rate that is known", () => {
  expect(dots([null, 62, null])).toEqual([1]);
});

test("a settled line has none", () => {
  expect(dots([null, null])).toEqual([]);
});
