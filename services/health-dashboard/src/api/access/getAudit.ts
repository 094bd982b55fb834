/** `GET /audit`: the audit log; scope admin. */
import { getJson, type Parameters } from "@/lib/http";
import type { AuditAnswer } from "@/types/api";
import { keepPreviousData, queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 10_000;

/** Query one page of the audit log, newest first. The previous page stays visible until the next one is loaded. */
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
