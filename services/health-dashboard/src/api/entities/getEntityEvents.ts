/** `GET /events?entity_id=`: the newest events of one entity. */
import { getJson } from "@/lib/http";
import type { EventsAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 5_000;
const HOW_MANY = 20;

/** Query the newest events of one entity, refetched periodically. */
export function useEntityEvents(entityId: string, home: string | undefined): UseQueryResult<EventsAnswer> {
  return useQuery(
    queryOptions({
      queryKey: ["entity-events", entityId, home ?? null],
      queryFn: ({ signal }) => getJson<EventsAnswer>("events", { entity_id: entityId, home, limit: HOW_MANY }, signal),
      refetchInterval: EVERY_MS,
    }),
  );
}
