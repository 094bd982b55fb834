/** The four numbers that answer "is it running": now, over the period, errors, connection. */
import { Figure } from "@/features/figures/Figure";
import { connection, currentRate, errorRate, eventsInPeriod, periodLabel } from "@/features/figures/figures";
import { useNow } from "@/hooks/useNow";
import type { HealthAnswer, StatsAnswer, StreamStatistics } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import type { TimeChoice } from "@/types/period";
import type { ReactNode } from "react";

interface KeyFiguresProps {
  readonly period: TimeChoice;
  readonly statistics: StreamStatistics | null;
  readonly stats: Loadable<StatsAnswer>;
  readonly health: Loadable<HealthAnswer>;
}

export function KeyFigures({ period, statistics, stats, health }: KeyFiguresProps): ReactNode {
  const nowMs = useNow();
  return (
    <dl aria-label="Key figures" className="grid grid-cols-2 gap-3 sm:gap-4 lg:grid-cols-4">
      <Figure label="Events per minute" figure={currentRate(statistics, health)} />
      <Figure label={periodLabel(period)} figure={eventsInPeriod(stats, nowMs)} />
      <Figure label="Write errors" figure={errorRate(stats, nowMs)} />
      <Figure label="Home Assistant" figure={connection(health, nowMs)} />
    </dl>
  );
}
