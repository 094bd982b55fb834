/** `GET /stats`: key figures, services and trend of a period. */
import { getJson } from "@/lib/http";
import type { StatsAnswer } from "@/types/api";
import { PERIOD_FACTS, type TimeChoice } from "@/types/period";
import { isFreeRange, timeParameters } from "@/utils/time/timeChoice";
import { keepPreviousData, queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 5_000;

/** Return the statistics; for a free range the API chooses the window. */
export function getStats(time: TimeChoice, signal?: AbortSignal): Promise<StatsAnswer> {
  const window = isFreeRange(time) ? undefined : PERIOD_FACTS[time].window;
  return getJson("stats", { ...timeParameters(time), window }, signal);
}

/** Query options; the answer for the previous period stays visible until the new one is loaded. */
export function statsOptions(time: TimeChoice) {
  return queryOptions({
    queryKey: ["stats", time],
    queryFn: ({ signal }) => getStats(time, signal),
    refetchInterval: EVERY_MS,
    placeholderData: keepPreviousData,
  });
}

/** Query the statistics, refetched periodically. */
export function useStats(time: TimeChoice): UseQueryResult<StatsAnswer> {
  return useQuery(statsOptions(time));
}
