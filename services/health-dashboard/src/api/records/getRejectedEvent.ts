/** `GET /rejected/{id}`: one rejected event with what came. */
import { getJson } from "@/lib/http";
import type { RejectedEventDetail } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

/** How the answer is kept; only a replay changes it. */
export function rejectedEventOptions(id: string) {
  return queryOptions({
    queryKey: ["rejected-event", id],
    queryFn: ({ signal }) => getJson<RejectedEventDetail>(`rejected/${encodeURIComponent(id)}`, {}, signal),
    staleTime: 60_000,
  });
}

/** The event. */
export function useRejectedEvent(id: string): UseQueryResult<RejectedEventDetail> {
  return useQuery(rejectedEventOptions(id));
}
