/** Describes the source of statistics and changes of it. */
import { statisticsTexts as texts } from "@/texts/settings";
import type { StatsSourceAnswer, StatsSourceBody } from "@/types/api";

export type StatsSwitches = Pick<StatsSourceAnswer, "use_influxdb_stats" | "influxdb_rollout_percent" | "stats_compare">;

/** The environment variable that fixes each switch. */
export const VARIABLES: Readonly<Record<keyof StatsSwitches, string>> = {
  use_influxdb_stats: "USE_INFLUXDB_STATS",
  influxdb_rollout_percent: "INFLUXDB_ROLLOUT_PERCENT",
  stats_compare: "STATS_COMPARE",
};

/** Explain the switches, one sentence each. */
export function meaningOf({ use_influxdb_stats: isStore, influxdb_rollout_percent: percent, stats_compare: compares }: StatsSwitches): readonly string[] {
  const source = !isStore || percent === 0 ? texts.fromServices : percent === 100 ? texts.fromStore : texts.partly(percent);
  return compares ? [source, texts.compareOn] : [source];
}

/** Explain the limits of the switches, one sentence each. */
export function limitsOf({ limited_by: limits }: StatsSourceAnswer): readonly string[] {
  const sources = new Set([limits.use_influxdb_stats, limits.influxdb_rollout_percent]);
  return (["environment", "run_time"] as const).filter((source) => sources.has(source)).map((source) => texts.limits[source]);
}

/** Return the changed switches; null if nothing has changed. */
export function changeOf(before: StatsSwitches, after: StatsSwitches): StatsSourceBody | null {
  const change: StatsSourceBody = {};
  if (before.use_influxdb_stats !== after.use_influxdb_stats) change.use_influxdb_stats = after.use_influxdb_stats;
  if (before.influxdb_rollout_percent !== after.influxdb_rollout_percent) change.influxdb_rollout_percent = after.influxdb_rollout_percent;
  if (before.stats_compare !== after.stats_compare) change.stats_compare = after.stats_compare;
  return Object.keys(change).length === 0 ? null : change;
}

/** Return the entered percentage; null if it is not valid. */
export function percentOf(text: string): number | null {
  return /^\d{1,3}$/.test(text.trim()) && Number(text) <= 100 ? Number(text) : null;
}
