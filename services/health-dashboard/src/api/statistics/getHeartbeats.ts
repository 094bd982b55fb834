/** `GET /stats/heartbeats`: the reports of each service over the last day. */
import { getJson } from "@/lib/http";
import type { HeartbeatsAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

/** A slot is 15 minutes; a service that has just stopped must be visible within a minute. */
const EVERY_MS = 30_000;

/** Query the heartbeats, refetched periodically. */
export function useHeartbeats(enabled: boolean): UseQueryResult<HeartbeatsAnswer> {
  return useQuery(
    queryOptions({
      queryKey: ["heartbeats"],
      queryFn: ({ signal }) => getJson<HeartbeatsAnswer>("stats/heartbeats", { period: "24h" }, signal),
      enabled,
      refetchInterval: EVERY_MS,
    }),
  );
}
