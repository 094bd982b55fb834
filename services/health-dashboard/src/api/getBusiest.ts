/** `GET /entities/busiest`: who changes most often. */
import { getJson } from "@/lib/http";
import type { BusiestAnswer } from "@/types/api";
import type { Period } from "@/types/period";
import { keepPreviousData, queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 10_000;
const HOW_MANY = 8;

/** Asks once. */
export function getBusiest(period: Period, signal?: AbortSignal): Promise<BusiestAnswer> {
  return getJson("entities/busiest", { period, limit: HOW_MANY }, signal);
}

/** How the answer is kept and asked for again. */
export function busiestOptions(period: Period) {
  return queryOptions({
    queryKey: ["busiest", period],
    queryFn: ({ signal }) => getBusiest(period, signal),
    refetchInterval: EVERY_MS,
    placeholderData: keepPreviousData,
  });
}

/** The answer, kept fresh. */
export function useBusiest(period: Period): UseQueryResult<BusiestAnswer> {
  return useQuery(busiestOptions(period));
}
