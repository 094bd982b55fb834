/** `GET /accounting`: the outcomes of all received events, by service. */
import { getJson } from "@/lib/http";
import type { AccountingAnswer } from "@/types/api";
import type { TimeChoice } from "@/types/period";
import { timeParameters } from "@/utils/time/timeChoice";
import { keepPreviousData, queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

/** Services report every ten seconds. */
const EVERY_MS = 10_000;

/** Query the accounting, refetched periodically. */
export function useAccounting(time: TimeChoice, enabled: boolean): UseQueryResult<AccountingAnswer> {
  return useQuery(
    queryOptions({
      queryKey: ["accounting", time],
      queryFn: ({ signal }) => getJson<AccountingAnswer>("accounting", timeParameters(time), signal),
      enabled,
      refetchInterval: EVERY_MS,
      placeholderData: keepPreviousData,
    }),
  );
}
