/** Computes the situation from all data of the page and publishes it; used once, by the frame of the pages. */
import { useAlerts } from "@/api/alerts/getAlerts";
import { useBackfill } from "@/api/records/getBackfill";
import { useGaps } from "@/api/records/getGaps";
import { useHealth } from "@/api/system/getHealth";
import { describeSituation } from "@/features/health/situation";
import { publishSituation } from "@/features/health/situationStore";
import { useRunningClock } from "@/hooks/useNow";
import { useStore } from "@/hooks/useStore";
import type { LiveFeed } from "@/lib/liveFeed";
import { serverClock } from "@/lib/serverClock";
import type { StatsAnswer } from "@/types/api";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

export function useSituation(feed: LiveFeed): void {
  const nowMs = useRunningClock();
  const queries = useQueryClient();
  const health = useHealth();
  const alerts = useAlerts();
  const gaps = useGaps();
  const backfill = useBackfill();
  const stream = useStore(feed.store, (state) => state.status);
  const isPaused = useStore(feed.store, (state) => state.isPaused);
  useEffect(() => {
    const statistics = queries.getQueriesData<StatsAnswer>({ queryKey: ["stats"] }).map(([, answer]) => answer);
    publishSituation(
      describeSituation({
        nowMs,
        health: health.data,
        healthError: health.error,
        healthAtMs: health.dataUpdatedAt === 0 ? null : serverClock.at(health.dataUpdatedAt),
        stream,
        isPaused,
        alerts: alerts.data,
        gaps: gaps.data,
        backfill: backfill.data?.backfill ?? null,
        source: newest(statistics)?.source,
      }),
    );
  }, [nowMs, queries, health.data, health.error, health.dataUpdatedAt, alerts.data, gaps.data, backfill.data, stream, isPaused]);
}

function newest(answers: readonly (StatsAnswer | undefined)[]): StatsAnswer | undefined {
  return answers.reduce((best, answer) => (answer && (!best || answer.timestamp > best.timestamp) ? answer : best), undefined);
}
