/** `GET /stats/comparison`: how well the store and the services agree. */
import { getJson } from "@/lib/http";
import type { ComparisonAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 5_000;

/** The answer, kept fresh. */
export function useComparison(): UseQueryResult<ComparisonAnswer> {
  return useQuery(
    queryOptions({
      queryKey: ["comparison"],
      queryFn: ({ signal }) => getJson<ComparisonAnswer>("stats/comparison", {}, signal),
      refetchInterval: EVERY_MS,
    }),
  );
}
