import { roundTop, valueRange } from "@/components/chart/chartScale";
import { aChart } from "@/test/aChart";
import { expect, test } from "vitest";

test.each([
  [0, 1],
  [0.2, 0.3],
  [1, 1.5],
  [62, 80],
  [139, 150],
  [990, 1500],
])("above %s the axis ends at %s", (highest, top) => {
  expect(roundTop(highest)).toBeCloseTo(top);
});

const rangeOf = (values: (number | null)[], change: Parameters<typeof aChart>[0] = {}) =>
  valueRange(aChart({ series: [{ label: "Rate", values }], ...change }));

test("the axis begins at zero, and below it only for values below it", () => {
  expect(rangeOf([5, null, 9])).toEqual([0, 10]);
  expect(rangeOf([-5, 9])).toEqual([-6, 10]);
});

test("a chart without a value has an axis still", () => {
  expect(rangeOf([null, null])).toEqual([0, 1]);
  expect(rangeOf([null], { baseline: "data" })).toEqual([0, 1]);
});

test("small values do not fill a chart that has a least height", () => {
  expect(rangeOf([0.01], { leastTop: 1 })).toEqual([0, 1.5]);
});

test("a share ends at 100 %", () => {
  expect(rangeOf([99], { top: 100 })).toEqual([0, 100]);
});

test("a temperature is shown around its values", () => {
  const [low, high] = rangeOf([20, 22], { baseline: "data" });
  expect(low).toBeGreaterThan(19);
  expect(high).toBeLessThan(23);
  expect(rangeOf([20, 20], { baseline: "data" })).toEqual([17.6, 22.4]);
});

test("values of the tooltip only do not extend the axis", () => {
  const series = [{ label: "Rate", values: [1] }, { label: "Events", values: [900], shape: "text" as const }];
  expect(valueRange(aChart({ series }))).toEqual([0, 1.5]);
});
