/** `GET /entities/busiest`: the entities with the most events. */
import { getJson } from "@/lib/http";
import type { BusiestAnswer } from "@/types/api";
import type { TimeChoice } from "@/types/period";
import { timeParameters } from "@/utils/time/timeChoice";
import { keepPreviousData, queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 10_000;
const HOW_MANY = 6;

/** Return the busiest entities of a time range. */
export function getBusiest(time: TimeChoice, signal?: AbortSignal): Promise<BusiestAnswer> {
  return getJson("entities/busiest", { ...timeParameters(time), limit: HOW_MANY }, signal);
}

/** Query options: key, fetcher and refetch interval. */
export function busiestOptions(time: TimeChoice) {
  return queryOptions({
    queryKey: ["busiest", time],
    queryFn: ({ signal }) => getBusiest(time, signal),
    refetchInterval: EVERY_MS,
    placeholderData: keepPreviousData,
  });
}

/** Query the busiest entities, refetched periodically. */
export function useBusiest(time: TimeChoice): UseQueryResult<BusiestAnswer> {
  return useQuery(busiestOptions(time));
}
