import { valueRange } from "@/components/chart/chartScale";
import { FIGURES, figureCharts, figureValue } from "@/features/services/serviceFigures";
import { aService } from "@/test/fixtures";
import { aServiceTrend, aServiceTrendsAnswer } from "@/test/serviceTrends";
import { expect, test } from "vitest";

const charts = (change: Parameters<typeof aServiceTrend>[0] = {}) => figureCharts(aServiceTrendsAnswer(), aServiceTrend(change), "WebSocket ingestion");

test("the figures of a service over the time", () => {
  expect(FIGURES.map((figure) => figureValue(figure, aService()).text)).toEqual(["60", "1.3 ms", "100 %", "8", "0", "10 ms"]);
});

test("an unknown value is not 0", () => {
  expect(FIGURES.map((figure) => figureValue(figure, undefined).text)).toEqual(["–", "–", "–", "–", "–", "–"]);
  expect(figureValue("errors", aService({ events_failed: null })).text).toBe("–");
});

test("a low success is marked, an unknown one is not", () => {
  expect(figureValue("success", aService({ success_rate: 96.4 })).isWarning).toBe(true);
  expect(figureValue("success", aService({ success_rate: null })).isWarning).toBe(false);
});

test("each figure has a chart with a name of its own and a span for each window", () => {
  expect(FIGURES.map((figure) => charts()[figure].label)).toEqual(FIGURES.map((figure) => expect.stringMatching(new RegExp(`^${figure}, WebSocket`, "i")) as string));
  expect(charts().rate.spans).toHaveLength(4);
});

test("errors are rejected and failed events together, and a window without a report stays a gap", () => {
  expect(charts().errors.series.map(({ values }) => values)).toEqual([
    [1, null, 1, 0],
    [0, null, 2, 0],
  ]);
});

test("latency shows both percentiles, and the mean in the table", () => {
  expect(charts().latency.series.map(({ label, shape }) => [label, shape])).toEqual([
    ["95th percentile (p95)", undefined],
    ["Median (p50)", undefined],
    ["Mean", "text"],
  ]);
});

test.each([
  [[99.6, 100], 99],
  [[97], 95],
  [[30], 0],
  [[null], 99],
])("with a success of %j the axis begins at %s %%", (success_rate, bottom) => {
  expect(valueRange(charts({ success_rate }).success)).toEqual([bottom, 100]);
});

test("a lag has its own unit", () => {
  expect([0.02, 75, null].map((seconds) => charts().lag.format(seconds))).toEqual(["20 ms", "75 s", "–"]);
});
