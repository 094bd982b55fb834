/** `GET /config/stats-source`: where statistics come from; scope admin. */
import { getJson } from "@/lib/http";
import type { StatsSourceAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 10_000;

/** How the answer is kept and asked for again: another replica may change it. */
export function statsSourceOptions() {
  return queryOptions({
    queryKey: ["stats-source"],
    queryFn: ({ signal }) => getJson<StatsSourceAnswer>("config/stats-source", {}, signal),
    refetchInterval: EVERY_MS,
  });
}

/** The answer, kept fresh. */
export function useStatsSource(): UseQueryResult<StatsSourceAnswer> {
  return useQuery(statsSourceOptions());
}
