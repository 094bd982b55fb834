/** `GET /gaps`: time ranges in which events may be missing. */
import { getJson, type Parameters } from "@/lib/http";
import type { GapsAnswer } from "@/types/api";
import { keepPreviousData, queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 10_000;
/** Usually covers all gaps of a day. */
const HOW_MANY = 20;

/** Return the newest gaps. */
export function getGaps(signal?: AbortSignal): Promise<GapsAnswer> {
  return getJson("gaps", { limit: HOW_MANY }, signal);
}

/** Query options: key, fetcher and refetch interval. */
export function gapsOptions() {
  return queryOptions({
    queryKey: ["gaps"],
    queryFn: ({ signal }) => getGaps(signal),
    refetchInterval: EVERY_MS,
  });
}

/** Query the newest gaps, refetched periodically. */
export function useGaps(): UseQueryResult<GapsAnswer> {
  return useQuery(gapsOptions());
}

/** Query one page of the gaps that overlap a time range. The previous page stays visible until the next one is loaded. */
export function useGapsPage(question: Parameters): UseQueryResult<GapsAnswer> {
  return useQuery(
    queryOptions({
      queryKey: ["gaps", question],
      queryFn: ({ signal }) => getJson<GapsAnswer>("gaps", question, signal),
      refetchInterval: EVERY_MS,
      placeholderData: keepPreviousData,
    }),
  );
}
