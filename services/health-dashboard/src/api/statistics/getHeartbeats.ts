/** `GET /stats/heartbeats`: in which parts of the last day each service reported. */
import { getJson } from "@/lib/http";
import type { HeartbeatsAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

/** A slot is a quarter of an hour; a service that has just stopped should show within a minute. */
const EVERY_MS = 30_000;

/** The answer, kept fresh. */
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
