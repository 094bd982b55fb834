/** `GET /filters`: the effective filters. */
import { getJson } from "@/lib/http";
import type { FiltersAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 30_000;

/** Query options: key, fetcher and refetch interval. */
export function filtersOptions() {
  return queryOptions({
    queryKey: ["filters"],
    queryFn: ({ signal }) => getJson<FiltersAnswer>("filters", {}, signal),
    refetchInterval: EVERY_MS,
  });
}

/** Query the filters, refetched periodically. */
export function useFilters(): UseQueryResult<FiltersAnswer> {
  return useQuery(filtersOptions());
}
