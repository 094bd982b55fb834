/** `GET /tokens`: the tokens, without their secrets; scope admin. */
import { getJson } from "@/lib/http";
import type { TokensAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 30_000;

/** Query options: key, fetcher and refetch interval. */
export function tokensOptions() {
  return queryOptions({
    queryKey: ["tokens"],
    queryFn: ({ signal }) => getJson<TokensAnswer>("tokens", {}, signal),
    refetchInterval: EVERY_MS,
  });
}

/** Query the tokens, refetched periodically. */
export function useTokens(): UseQueryResult<TokensAnswer> {
  return useQuery(tokensOptions());
}
