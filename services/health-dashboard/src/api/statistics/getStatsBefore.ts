/** `GET /stats` for the period before the selected one. */
import { getJson } from "@/lib/http";
import { serverClock } from "@/lib/serverClock";
import type { StatsAnswer } from "@/types/api";
import { PERIOD_FACTS, type TimeChoice } from "@/types/period";
import { rangeBefore } from "@/utils/time/rangeBefore";
import { isFreeRange } from "@/utils/time/timeChoice";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

/** Past statistics change only because the period moves. */
const EVERY_MS = 60_000;

export interface StatsBefore {
  readonly answer: StatsAnswer;
  readonly shiftMs: number;
}

async function getStatsBefore(time: TimeChoice, signal: AbortSignal): Promise<StatsBefore> {
  const { start, end, shiftMs } = rangeBefore(time, serverClock.now());
  const window = isFreeRange(time) ? undefined : PERIOD_FACTS[time].window;
  return { answer: await getJson<StatsAnswer>("stats", { start, end, window }, signal), shiftMs };
}

/** Query the statistics of the period before, refetched periodically. */
export function useStatsBefore(time: TimeChoice, enabled: boolean): UseQueryResult<StatsBefore> {
  return useQuery(
    queryOptions({
      queryKey: ["stats-before", time],
      queryFn: ({ signal }) => getStatsBefore(time, signal),
      enabled,
      refetchInterval: EVERY_MS,
    }),
  );
}
