/** `GET /health`: is everything captured and stored. */
import { getJson } from "@/lib/http";
import { serverClock } from "@/lib/serverClock";
import type { HealthAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 3_000;

/** Asks once, and notes the server's time. */
export async function getHealth(signal?: AbortSignal): Promise<HealthAnswer> {
  const health = await getJson<HealthAnswer>("health", {}, signal);
  serverClock.noteTime(health.timestamp);
  return health;
}

/** How the answer is kept and asked for again. */
export function healthOptions() {
  return queryOptions({
    queryKey: ["health"],
    queryFn: ({ signal }) => getHealth(signal),
    refetchInterval: EVERY_MS,
  });
}

/** The answer, kept fresh. */
export function useHealth(): UseQueryResult<HealthAnswer> {
  return useQuery(healthOptions());
}
