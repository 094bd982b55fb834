/** `GET /audit`: who changed what; scope admin. */
import { getJson, type Parameters } from "@/lib/http";
import type { AuditAnswer } from "@/types/api";
import { keepPreviousData, queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 10_000;

/** A page of changes, newest first, kept fresh; the page before stays visible until it is there. */
export function useAudit(question: Parameters): UseQueryResult<AuditAnswer> {
  return useQuery(
    queryOptions({
      queryKey: ["audit", question],
      queryFn: ({ signal }) => getJson<AuditAnswer>("audit", question, signal),
      refetchInterval: EVERY_MS,
      placeholderData: keepPreviousData,
    }),
  );
}
