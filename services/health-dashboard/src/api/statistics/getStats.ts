/** `GET /stats`: key figures, services and the trend of a period. */
import { getJson } from "@/lib/http";
import type { StatsAnswer } from "@/types/api";
import { PERIOD_FACTS, type TimeChoice } from "@/types/period";
import { isFreeRange, timeParameters } from "@/utils/time/timeChoice";
import { keepPreviousData, queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 5_000;

/** Asks once; the API chooses the window of a free range. */
export function getStats(time: TimeChoice, signal?: AbortSignal): Promise<StatsAnswer> {
  const window = isFreeRange(time) ? undefined : PERIOD_FACTS[time].window;
  return getJson("stats", { ...timeParameters(time), window }, signal);
}

/** How the answer is kept and asked for again; another period's stays visible until the new one is there. */
export function statsOptions(time: TimeChoice) {
  return queryOptions({
    queryKey: ["stats", time],
    queryFn: ({ signal }) => getStats(time, signal),
    refetchInterval: EVERY_MS,
    placeholderData: keepPreviousData,
  });
}

/** The answer, kept fresh. */
export function useStats(time: TimeChoice): UseQueryResult<StatsAnswer> {
  return useQuery(statsOptions(time));
}
