/** `GET /alerts/history`: the alerts that were active in a time range, page by page. */
import { getJson } from "@/lib/http";
import type { AlertHistoryAnswer } from "@/types/api";
import { keepPreviousData, queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 10_000;

export interface AlertHistoryQuestion {
  readonly period: string;
  readonly rule?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Query one page of the history, refetched periodically. */
export function useAlertHistory(question: AlertHistoryQuestion): UseQueryResult<AlertHistoryAnswer> {
  return useQuery(
    queryOptions({
      queryKey: ["alert-history", question],
      queryFn: ({ signal }) => getJson<AlertHistoryAnswer>("alerts/history", { ...question }, signal),
      refetchInterval: EVERY_MS,
      placeholderData: keepPreviousData,
    }),
  );
}
