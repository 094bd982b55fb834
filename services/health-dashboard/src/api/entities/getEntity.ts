/** `GET /entities/{id}`: names, area, device and state of one entity. */
import { getJson } from "@/lib/http";
import type { EntityAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 5_000;

/** Query one entity, refetched periodically. */
export function useEntity(entityId: string, home: string | undefined): UseQueryResult<EntityAnswer> {
  return useQuery(
    queryOptions({
      queryKey: ["entity", entityId, home ?? null],
      queryFn: ({ signal }) => getJson<EntityAnswer>(`entities/${encodeURIComponent(entityId)}`, { home }, signal),
      refetchInterval: EVERY_MS,
    }),
  );
}
