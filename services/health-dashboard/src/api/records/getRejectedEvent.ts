/** `GET /rejected/{id}`: one rejected event with its payload. */
import { getJson } from "@/lib/http";
import type { RejectedEventDetail } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

/** Query options; only a replay changes a rejected event. */
export function rejectedEventOptions(id: string) {
  return queryOptions({
    queryKey: ["rejected-event", id],
    queryFn: ({ signal }) => getJson<RejectedEventDetail>(`rejected/${encodeURIComponent(id)}`, {}, signal),
    staleTime: 60_000,
  });
}

/** Query one rejected event. */
export function useRejectedEvent(id: string): UseQueryResult<RejectedEventDetail> {
  return useQuery(rejectedEventOptions(id));
}
