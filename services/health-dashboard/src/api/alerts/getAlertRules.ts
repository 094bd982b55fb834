/** `GET /alerts/rules`: the effective rules. They change only when the Admin API is restarted. */
import { getJson } from "@/lib/http";
import type { AlertRulesAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const FRESH_MS = 60_000;

/** Query the rules. */
export function useAlertRules(): UseQueryResult<AlertRulesAnswer> {
  return useQuery(
    queryOptions({
      queryKey: ["alert-rules"],
      queryFn: ({ signal }) => getJson<AlertRulesAnswer>("alerts/rules", {}, signal),
      staleTime: FRESH_MS,
    }),
  );
}
