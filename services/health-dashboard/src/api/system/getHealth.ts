/** `GET /health`: whether events are captured and stored. */
import { getJson } from "@/lib/http";
import { serverClock } from "@/lib/serverClock";
import type { HealthAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 3_000;

/** Return the health, and set the server clock from the answer. */
export async function getHealth(signal?: AbortSignal): Promise<HealthAnswer> {
  const health = await getJson<HealthAnswer>("health", {}, signal);
  serverClock.noteTime(health.timestamp);
  return health;
}

/** Query options: key, fetcher and refetch interval. */
export function healthOptions() {
  return queryOptions({
    queryKey: ["health"],
    queryFn: ({ signal }) => getHealth(signal),
    refetchInterval: EVERY_MS,
  });
}

/** Query the health, refetched periodically. */
export function useHealth(): UseQueryResult<HealthAnswer> {
  return useQuery(healthOptions());
}
