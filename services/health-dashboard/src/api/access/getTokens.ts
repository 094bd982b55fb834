/** `GET /tokens`: the tokens of people and programs, without their secrets; scope admin. */
import { getJson } from "@/lib/http";
import type { TokensAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 30_000;

/** How the answer is kept and asked for again. */
export function tokensOptions() {
  return queryOptions({
    queryKey: ["tokens"],
    queryFn: ({ signal }) => getJson<TokensAnswer>("tokens", {}, signal),
    refetchInterval: EVERY_MS,
  });
}

/** The answer, kept fresh. */
export function useTokens(): UseQueryResult<TokensAnswer> {
  return useQuery(tokensOptions());
}
