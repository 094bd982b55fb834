/** `GET /filters`: which events are kept. */
import { getJson } from "@/lib/http";
import type { FiltersAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 30_000;

/** How the answer is kept and asked for again. */
export function filtersOptions() {
  return queryOptions({
    queryKey: ["filters"],
    queryFn: ({ signal }) => getJson<FiltersAnswer>("filters", {}, signal),
    refetchInterval: EVERY_MS,
  });
}

/** The answer, kept fresh. */
export function useFilters(): UseQueryResult<FiltersAnswer> {
  return useQuery(filtersOptions());
}
