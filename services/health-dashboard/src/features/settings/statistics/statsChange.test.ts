import { changeOf, meaningOf, percentOf } from "@/features/settings/statistics/statsChange";
import { aStatsSource } from "@/test/settingsFixtures";
import { expect, test } from "vitest";

test.each([
  [aStatsSource(), /come from the store: complete/],
  [aStatsSource({ influxdb_rollout_percent: 25 }), /^25 % of the clients/],
  [aStatsSource({ influxdb_rollout_percent: 0 }), /come from the services/],
  [aStatsSource({ use_influxdb_stats: false, influxdb_rollout_percent: 25 }), /come from the services/],
])("a sentence explains the switches", (switches, words) => {
  expect(meaningOf(switches)).toEqual([expect.stringMatching(words)]);
});

test("the comparison is mentioned", () => {
  expect(meaningOf(aStatsSource({ stats_compare: true }))).toHaveLength(2);
});

test("only what is changed is sent", () => {
  expect(changeOf(aStatsSource(), aStatsSource({ influxdb_rollout_percent: 10 }))).toEqual({ influxdb_rollout_percent: 10 });
  expect(changeOf(aStatsSource(), aStatsSource())).toBeNull();
});

test.each([
  ["0", 0],
  [" 100 ", 100],
  ["101", null],
  ["-1", null],
  ["2.5", null],
  ["", null],
  ["1e1", null],
])("the share %j is %s", (text, percent) => {
  expect(percentOf(text)).toBe(percent);
});
