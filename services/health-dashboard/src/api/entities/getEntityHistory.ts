/** `GET /entities/{id}/history`: the states of an entity, or its numbers by window. */
import { getJson } from "@/lib/http";
import type { HistoryAnswer } from "@/types/api";
import type { TimeChoice } from "@/types/period";
import { historyRange } from "@/utils/time/historyRange";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 15_000;
const MOST_POINTS = 2_000;

export interface HistoryQuestion {
  readonly entityId: string;
  readonly home: string | undefined;
  readonly time: TimeChoice;
  /** Whether to return numbers by window; otherwise states. */
  readonly isNumeric: boolean;
}

/** Query the history, refetched periodically. */
export function useEntityHistory({ entityId, home, time, isNumeric }: HistoryQuestion): UseQueryResult<HistoryAnswer> {
  return useQuery(
    queryOptions({
      queryKey: ["entity-history", entityId, home ?? null, time, isNumeric],
      queryFn: ({ signal }) => {
        const { start, end, window } = historyRange(time);
        const parameters = { home, start, end, window: isNumeric ? window : undefined, limit: MOST_POINTS };
        return getJson<HistoryAnswer>(`entities/${encodeURIComponent(entityId)}/history`, parameters, signal);
      },
      refetchInterval: EVERY_MS,
    }),
  );
}
