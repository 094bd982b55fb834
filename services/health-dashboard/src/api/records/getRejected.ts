/** `GET /rejected`: what was not stored, and why. */
import { getJson, type Parameters } from "@/lib/http";
import type { RejectedAnswer } from "@/types/api";
import { keepPreviousData, queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 10_000;

/** Asks once for a page of those that match. */
export function getRejectedPage(question: Parameters, signal?: AbortSignal): Promise<RejectedAnswer> {
  return getJson("rejected", question, signal);
}

/** A page of those that match, kept fresh; the page before stays visible until it is there. */
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
