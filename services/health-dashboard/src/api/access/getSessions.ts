/** `GET /sessions`: the active browser sessions; scope admin. */
import { getJson } from "@/lib/http";
import type { SessionsAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 30_000;

/** Query options: key, fetcher and refetch interval. */
export function sessionsOptions() {
  return queryOptions({
    queryKey: ["sessions"],
    queryFn: ({ signal }) => getJson<SessionsAnswer>("sessions", {}, signal),
    refetchInterval: EVERY_MS,
  });
}

/** Query the sessions, refetched periodically. */
export function useSessions(): UseQueryResult<SessionsAnswer> {
  return useQuery(sessionsOptions());
}
