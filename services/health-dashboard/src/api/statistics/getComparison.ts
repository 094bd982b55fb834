/** `GET /stats/comparison`: the differences between the statistics of the store and of the services. */
import { getJson } from "@/lib/http";
import type { ComparisonAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 5_000;

/** Query the comparison, refetched periodically. */
export function useComparison(): UseQueryResult<ComparisonAnswer> {
  return useQuery(
    queryOptions({
      queryKey: ["comparison"],
      queryFn: ({ signal }) => getJson<ComparisonAnswer>("stats/comparison", {}, signal),
      refetchInterval: EVERY_MS,
    }),
  );
}
