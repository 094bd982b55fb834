/** `GET /gaps`: when nothing was captured. */
import { getJson, type Parameters } from "@/lib/http";
import type { GapsAnswer } from "@/types/api";
import { keepPreviousData, queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 10_000;
/** Those of a day, nearly always. */
const HOW_MANY = 20;

/** Asks once, for the newest. */
export function getGaps(signal?: AbortSignal): Promise<GapsAnswer> {
  return getJson("gaps", { limit: HOW_MANY }, signal);
}

/** How the answer is kept and asked for again. */
export function gapsOptions() {
  return queryOptions({
    queryKey: ["gaps"],
    queryFn: ({ signal }) => getGaps(signal),
    refetchInterval: EVERY_MS,
  });
}

/** The answer, kept fresh. */
export function useGaps(): UseQueryResult<GapsAnswer> {
  return useQuery(gapsOptions());
}

/** A page of those that overlap a time, kept fresh; the page before stays visible until it is there. */
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
