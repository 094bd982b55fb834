/** `GET /backfill`: the history that is being fetched from Home Assistant. */
import { getJson } from "@/lib/http";
import type { BackfillAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 5_000;

/** The answer, kept fresh. */
export function useBackfill(): UseQueryResult<BackfillAnswer> {
  return useQuery(
    queryOptions({
      queryKey: ["backfill"],
      queryFn: ({ signal }) => getJson<BackfillAnswer>("backfill", {}, signal),
      refetchInterval: EVERY_MS,
    }),
  );
}
