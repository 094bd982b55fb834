import { chartData } from "@/components/chart/chartData";
import { toTrendChart } from "@/features/trend/trendChart";
import { toTrend } from "@/features/trend/trendSeries";
import { aStatsAnswer } from "@/test/fixtures";
import { expect, test } from "vitest";

test("the last step is drawn apart from what is settled", () => {
  const chart = toTrendChart(toTrend(aStatsAnswer()));
  expect(chartData(chart).slice(1)).toEqual([
    [58, 62, null],
    [null, 62, 60],
  ]);
});

test("counts stand beside the rates", () => {
  expect(toTrendChart(toTrend(aStatsAnswer())).series[1]).toMatchObject({ label: "Events", values: [58, 62, 30] });
});
