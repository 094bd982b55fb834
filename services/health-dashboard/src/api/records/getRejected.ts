/** `GET /rejected`: rejected events with their reasons. */
import { getJson, type Parameters } from "@/lib/http";
import type { RejectedAnswer } from "@/types/api";
import { keepPreviousData, queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 10_000;

/** Return one page of matching events. */
export function getRejectedPage(question: Parameters, signal?: AbortSignal): Promise<RejectedAnswer> {
  return getJson("rejected", question, signal);
}

/** Query one page of matching events. The previous page stays visible until the next one is loaded. */
export function useRejectedPage(question: Parameters): UseQueryResult<RejectedAnswer> {
  return useQuery(
    queryOptions({
      queryKey: ["rejected", question],
      queryFn: ({ signal }) => getRejectedPage(question, signal),
      refetchInterval: EVERY_MS,
      placeholderData: keepPreviousData,
    }),
  );
}
