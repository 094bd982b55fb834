import { chartColumns, chartData, lastPoint, lonePoints } from "@/components/chart/chartData";
import { aChart } from "@/test/aChart";
import { expect, test } from "vitest";

const partial = (chart = aChart()) => chart.spans.map((span, at) => ({ ...span, isPartial: at === 2 }));

test("a value is in the middle of its window, in seconds", () => {
  expect(chartData(aChart())[0][0]).toBe(Date.parse("2026-11-24T12:00:30Z") / 1000);
});

test("an unknown value stays a gap", () => {
  expect(chartData(aChart())[1]).toEqual([58, null, 62]);
});

test("the last step of a line is separate while its window has not ended", () => {
  const [, settled, growing] = chartData(aChart({ spans: partial(), series: [{ label: "Rate", values: [58, 60, 62] }] }));
  expect(settled).toEqual([58, 60, null]);
  expect(growing).toEqual([null, 60, 62]);
});

test("a bar of a window that has not ended is separate", () => {
  const series = [{ label: "Rate", values: [58, 60, 62], shape: "bars" as const }];
  expect(chartData(aChart({ spans: partial(), series }))[2]).toEqual([null, null, 62]);
});

test("complete windows have no partial column", () => {
  expect(chartData(aChart())[2]).toEqual([null, null, null]);
});

test("the previous period is behind and complete", () => {
  const series = [
    { label: "Now", values: [1, 2, 3] },
    { label: "Before", values: [4, 5, 6], isPrevious: true },
  ];
  const chart = aChart({ spans: partial(), series });
  expect(chartColumns(chart).map((column) => [column.series.label, column.isGrowing])).toEqual([
    ["Before", false],
    ["Now", false],
    ["Now", true],
  ]);
  expect(chartData(chart)[1]).toEqual([4, 5, 6]);
});

test("a series shorter than the windows ends in a gap", () => {
  expect(chartData(aChart({ series: [{ label: "Rate", values: [1] }] }))[1]).toEqual([1, null, null]);
});

test("a value between two gaps is a point", () => {
  expect(lonePoints([1, null, 2, 3, null, 4])).toEqual([0, 5]);
  expect(lonePoints([null])).toEqual([]);
});

test("the last known value is marked", () => {
  expect(lastPoint([null, 62, null])).toEqual([1]);
  expect(lastPoint([null])).toEqual([]);
});
