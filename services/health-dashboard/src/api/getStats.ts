/** `GET /stats`: key figures, services and the trend of a period. */
import { getJson } from "@/lib/http";
import type { StatsAnswer } from "@/types/api";
import { PERIOD_FACTS, type Period } from "@/types/period";
import { keepPreviousData, queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 5_000;

/** Asks once. */
export function getStats(period: Period, signal?: AbortSignal): Promise<StatsAnswer> {
  return getJson("stats", { period, window: PERIOD_FACTS[period].window }, signal);
}

/** How the answer is kept and asked for again; another period's stays visible until the new one is there. */
export function statsOptions(period: Period) {
  return queryOptions({
    queryKey: ["stats", period],
    queryFn: ({ signal }) => getStats(period, signal),
    refetchInterval: EVERY_MS,
    placeholderData: keepPreviousData,
  });
}

/** The answer, kept fresh. */
export function useStats(period: Period): UseQueryResult<StatsAnswer> {
  return useQuery(statsOptions(period));
}
