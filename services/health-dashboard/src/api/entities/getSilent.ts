/** `GET /entities/silent`: the entities that are silent for longer than usual. */
import { getJson } from "@/lib/http";
import type { SilentAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

/** The query checks every entity, and silence is measured in minutes. */
const EVERY_MS = 60_000;
/** The factor of the default rule `silent_sensors`. */
const FACTOR = 3;

/** Query the silent entities, refetched periodically. */
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
