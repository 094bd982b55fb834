/** `GET /sessions`: the browsers that are signed in; scope admin. */
import { getJson } from "@/lib/http";
import type { SessionsAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 30_000;

/** How the answer is kept and asked for again. */
export function sessionsOptions() {
  return queryOptions({
    queryKey: ["sessions"],
    queryFn: ({ signal }) => getJson<SessionsAnswer>("sessions", {}, signal),
    refetchInterval: EVERY_MS,
  });
}

/** The answer, kept fresh. */
export function useSessions(): UseQueryResult<SessionsAnswer> {
  return useQuery(sessionsOptions());
}
