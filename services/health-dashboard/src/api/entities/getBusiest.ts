/** `GET /entities/busiest`: the entities that change most often. */
import { getJson } from "@/lib/http";
import type { BusiestAnswer } from "@/types/api";
import type { TimeChoice } from "@/types/period";
import { timeParameters } from "@/utils/time/timeChoice";
import { keepPreviousData, queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 10_000;
const HOW_MANY = 6;

/** Asks once. */
export function getBusiest(time: TimeChoice, signal?: AbortSignal): Promise<BusiestAnswer> {
  return getJson("entities/busiest", { ...timeParameters(time), limit: HOW_MANY }, signal);
}

/** How the answer is kept and asked for again. */
export function busiestOptions(time: TimeChoice) {
  return queryOptions({
    queryKey: ["busiest", time],
    queryFn: ({ signal }) => getBusiest(time, signal),
    refetchInterval: EVERY_MS,
    placeholderData: keepPreviousData,
  });
}

/** The answer, kept fresh. */
export function useBusiest(time: TimeChoice): UseQueryResult<BusiestAnswer> {
  return useQuery(busiestOptions(time));
}
