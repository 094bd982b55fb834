/** The key figures: current rate, events of the period, waiting events, connection, write errors. */
import { Figure } from "@/features/figures/Figure";
import { connection, currentRate, errorRate, eventsInPeriod, periodLabel, waitingEvents } from "@/features/figures/figures";
import { useNow } from "@/hooks/useNow";
import { figureTexts as texts } from "@/texts/figures";
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
    <dl aria-label={texts.label} className="grid grid-cols-2 gap-3 sm:gap-4 md:grid-cols-3 xl:grid-cols-5">
      <Figure label={texts.rate} figure={currentRate(statistics, health)} className="max-md:col-span-2" />
      <Figure label={periodLabel(period)} figure={eventsInPeriod(stats, nowMs)} />
      <Figure label={texts.waiting} figure={waitingEvents(health)} />
      <Figure label={texts.connection} figure={connection(health, nowMs)} />
      <Figure label={texts.errors} figure={errorRate(stats)} className="md:max-xl:col-span-2" />
    </dl>
  );
}
