/** `GET /entities`: the entities that had an event in the last days, with what is known of each. */
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

/** How the answer is kept and refreshed; the previous one stays while another is typed. */
export function entitiesOptions({ filters, cursor, limit = ENTITY_PAGE }: EntitiesQuestion) {
  return queryOptions({
    queryKey: ["entities", filters, cursor ?? null, limit],
    queryFn: ({ signal }) => getJson<EntitiesAnswer>("entities", { ...filters, cursor, limit }, signal),
    refetchInterval: EVERY_MS,
    placeholderData: keepPreviousData,
  });
}

/** The answer, kept fresh. */
export function useEntities(question: EntitiesQuestion): UseQueryResult<EntitiesAnswer> {
  return useQuery(entitiesOptions(question));
}
