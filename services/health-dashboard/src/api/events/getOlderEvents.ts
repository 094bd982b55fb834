/** `GET /events`, page by page: events older than those shown. */
import { getEvents } from "@/api/events/getEvents";
import type { EventsAnswer } from "@/types/api";
import type { EventFilters } from "@/types/eventFilters";
import { useInfiniteQuery, type InfiniteData, type UseInfiniteQueryResult } from "@tanstack/react-query";

/** Query the pages before `end`; disabled while `end` is null. */
export function useOlderEvents(filters: EventFilters, end: string | null): UseInfiniteQueryResult<InfiniteData<EventsAnswer>> {
  return useInfiniteQuery({
    queryKey: ["events", "older", filters, end],
    queryFn: ({ pageParam, signal }) => getEvents(filters, { end: end ?? undefined, cursor: pageParam ?? undefined }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page: EventsAnswer) => page.next_cursor,
    enabled: end !== null,
    staleTime: Infinity, // older events do not change while they are read
    gcTime: 0,
  });
}
