/** `GET /entities`: the entities with events in the last days, with state, area and device. */
import { getJson } from "@/lib/http";
import type { EntitiesAnswer } from "@/types/api";
import { keepPreviousData, queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 30_000;
export const ENTITY_PAGE = 100;

export const ENTITY_FILTERS = ["q", "domain", "area", "floor", "label", "integration", "home"] as const;

export type EntityFilter = (typeof ENTITY_FILTERS)[number];

export interface EntitiesQuestion {
  readonly filters: Readonly<Partial<Record<EntityFilter, string>>>;
  readonly cursor?: string | undefined;
  readonly limit?: number;
}

/** Query options; the previous answer stays visible while the search changes. */
export function entitiesOptions({ filters, cursor, limit = ENTITY_PAGE }: EntitiesQuestion) {
  return queryOptions({
    queryKey: ["entities", filters, cursor ?? null, limit],
    queryFn: ({ signal }) => getJson<EntitiesAnswer>("entities", { ...filters, cursor, limit }, signal),
    refetchInterval: EVERY_MS,
    placeholderData: keepPreviousData,
  });
}

/** Query one page of entities, refetched periodically. */
export function useEntities(question: EntitiesQuestion): UseQueryResult<EntitiesAnswer> {
  return useQuery(entitiesOptions(question));
}
