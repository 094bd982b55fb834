/** `GET /events`: stored events, newest first. */
import { getJson } from "@/lib/http";
import type { EventsAnswer, HomeEvent } from "@/types/api";
import { EVERY_EVENT, type EventFilters } from "@/types/eventFilters";
import { MOST_EVENTS } from "@/utils/mergeEvents";

export interface EventsQuestion {
  readonly end?: string | undefined;
  readonly cursor?: string | undefined;
}

/** Return one page of events. */
export function getEvents(filters: EventFilters, { end, cursor }: EventsQuestion, signal?: AbortSignal): Promise<EventsAnswer> {
  return getJson("events", { ...filters, end, cursor, limit: MOST_EVENTS }, signal);
}

/** Return the newest events. */
export async function getRecentEvents(filters: EventFilters = EVERY_EVENT, signal?: AbortSignal): Promise<HomeEvent[]> {
  const answer = await getEvents(filters, {}, signal);
  return answer.events;
}
