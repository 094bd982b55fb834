/** `GET /config/stats-source`: the source of statistics; scope admin. */
import { getJson } from "@/lib/http";
import type { StatsSourceAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 10_000;

/** Query options: key, fetcher and refetch interval. Another replica can change the source. */
export function statsSourceOptions() {
  return queryOptions({
    queryKey: ["stats-source"],
    queryFn: ({ signal }) => getJson<StatsSourceAnswer>("config/stats-source", {}, signal),
    refetchInterval: EVERY_MS,
  });
}

/** Query the source, refetched periodically. */
export function useStatsSource(): UseQueryResult<StatsSourceAnswer> {
  return useQuery(statsSourceOptions());
}
