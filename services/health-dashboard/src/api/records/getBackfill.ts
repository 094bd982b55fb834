/** `GET /backfill`: the running or last backfill. */
import { getJson } from "@/lib/http";
import type { BackfillAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 5_000;

/** Query the backfill, refetched periodically. */
export function useBackfill(): UseQueryResult<BackfillAnswer> {
  return useQuery(
    queryOptions({
      queryKey: ["backfill"],
      queryFn: ({ signal }) => getJson<BackfillAnswer>("backfill", {}, signal),
      refetchInterval: EVERY_MS,
    }),
  );
}
