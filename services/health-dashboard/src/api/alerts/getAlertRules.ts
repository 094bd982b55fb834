/** `GET /alerts/rules`: the rules in force, which only a restart of the Admin API changes. */
import { getJson } from "@/lib/http";
import type { AlertRulesAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const FRESH_MS = 60_000;

/** The answer. */
export function useAlertRules(): UseQueryResult<AlertRulesAnswer> {
  return useQuery(
    queryOptions({
      queryKey: ["alert-rules"],
      queryFn: ({ signal }) => getJson<AlertRulesAnswer>("alerts/rules", {}, signal),
      staleTime: FRESH_MS,
    }),
  );
}
