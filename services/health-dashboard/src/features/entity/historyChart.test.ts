import { hasOtherUnits, toHistoryChart } from "@/features/entity/historyChart";
import type { HistoryWindow } from "@/types/api";
import { expect, test } from "vitest";

const MINUTE = 60_000;
const at = (minute: number, mean: number, unit: string | null = "°C"): HistoryWindow => ({
  time: new Date(minute * MINUTE).toISOString(), min: mean - 1, mean, max: mean + 1, count: 1, unit, converted_from: [],
});
const chart = (windows: HistoryWindow[]) =>
  toHistoryChart({ label: "Kitchen", windows, unit: "°C", windowMs: MINUTE, startMs: 0.5 * MINUTE, endMs: 5.5 * MINUTE });

test("the mean is drawn, minimum and maximum are in the tooltip", () => {
  const { series, format } = chart([at(0, 20), at(1, 21)]);
  expect(series.map(({ values, shape }) => [shape ?? "line", values])).toEqual([["line", [20, 21]], ["text", [19, 20]], ["text", [21, 22]]]);
  expect(format(20.456)).toBe("20.46 °C");
});

test("the windows at both ends are cut to the range, and the last one is partial", () => {
  const { spans } = chart([at(0, 20), at(5, 21)]);
  expect(spans[0]).toEqual({ fromMs: 0.5 * MINUTE, toMs: MINUTE, isPartial: false });
  expect(spans.at(-1)).toEqual({ fromMs: 5 * MINUTE, toMs: 5.5 * MINUTE, isPartial: true });
});

test("windows without a value are a gap", () => {
  expect(chart([at(1, 20), at(4, 21)]).series[0]?.values).toEqual([20, null, 21]);
});

test("values in a unit that cannot be converted are left out", () => {
  const windows = [at(1, 20), at(1, 300, "W")];
  expect(chart(windows).series[0]?.values).toEqual([20]);
  expect([hasOtherUnits(windows, "°C"), hasOtherUnits([at(1, 1)], "°C")]).toEqual([true, false]);
});
