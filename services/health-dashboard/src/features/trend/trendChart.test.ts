import { chartData } from "@/components/chart/chartData";
import { toTrendChart } from "@/features/trend/trendChart";
import { toTrend } from "@/features/trend/trendSeries";
import { aStatsAnswer, NOW_MS, timeAt } from "@/test/fixtures";
import { expect, test } from "vitest";

const HOUR_MS = 3_600_000;
const before = (counts: readonly (number | null)[]) => {
  const [start, end] = [timeAt(NOW_MS - 2 * HOUR_MS), timeAt(NOW_MS - HOUR_MS)];
  const trends = counts.map((count, at) => ({ time: timeAt(NOW_MS - HOUR_MS - 30_000 - (counts.length - 1 - at) * 60_000), count }));
  return { trend: toTrend(aStatsAnswer({ period: null, start, end, trends, coverage: { start, end, complete: true } })), shiftMs: HOUR_MS };
};

test("the last step is drawn apart from what is settled", () => {
  const chart = toTrendChart(toTrend(aStatsAnswer()));
  expect(chartData(chart).slice(1)).toEqual([
    [58, 62, null],
    [null, 62, 60],
  ]);
});

test("counts are shown beside the rates", () => {
  expect(toTrendChart(toTrend(aStatsAnswer())).series[1]).toMatchObject({ label: "Events", values: [58, 62, 30] });
});

test("the previous period is aligned with the same minutes", () => {
  const { series } = toTrendChart(toTrend(aStatsAnswer()), before([40, 41, 21]));
  expect(series[1]).toMatchObject({ label: "Previous period", isPrevious: true, values: [40, 41, 42] });
});

test("without data of the previous period there is no such line", () => {
  expect(toTrendChart(toTrend(aStatsAnswer()), before([null, null, null])).series.map(({ label }) => label)).toEqual(["Per minute", "Events"]);
});

test("windows before counting began are omitted", () => {
  const end = Date.parse(aStatsAnswer().timestamp);
  const trends = [0, 1, 2].map((at) => ({ time: timeAt(end - 30_000 - (2 - at) * 60_000), count: at === 0 ? null : 60 }));
  const coverage = { start: timeAt(end - 90_000), end: "2026-11-24T12:00:00.000000+00:00", complete: false };
  expect(toTrendChart(toTrend(aStatsAnswer({ trends, coverage }))).series[0]?.values).toHaveLength(2);
});
