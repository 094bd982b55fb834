/** `GET /entities/silent`: the entities that have been silent for longer than usual. */
import { getJson } from "@/lib/http";
import type { SilentAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

/** Every entity is looked at, and silence takes minutes. */
const EVERY_MS = 60_000;
/** As the alert `silent_sensors`. */
const FACTOR = 3;

/** The answer, kept fresh. */
export function useSilent(enabled: boolean): UseQueryResult<SilentAnswer> {
  return useQuery(
    queryOptions({
      queryKey: ["silent"],
      queryFn: ({ signal }) => getJson<SilentAnswer>("entities/silent", { factor: FACTOR }, signal),
      enabled,
      refetchInterval: EVERY_MS,
    }),
  );
}
