/** The overview: the situation with its problems and actions, the key figures, and the data flow. */
import { useAccounting } from "@/api/records/getAccounting";
import { useAlerts } from "@/api/alerts/getAlerts";
import { useBusiest } from "@/api/entities/getBusiest";
import { useHealth } from "@/api/system/getHealth";
import { useHeartbeats } from "@/api/statistics/getHeartbeats";
import { useSilent } from "@/api/entities/getSilent";
import { statsOptions, useStats } from "@/api/statistics/getStats";
import { useStatsBefore } from "@/api/statistics/getStatsBefore";
import { Link } from "@/components/links/Link";
import { PeriodControl } from "@/components/controls/PeriodControl/PeriodControl";
import { AccountingCard } from "@/features/accounting/AccountingCard";
import { AlertsCard } from "@/features/alerts/AlertsCard";
import { BusiestCard } from "@/features/entities/BusiestCard";
import { LatestCard } from "@/features/events/LatestCard";
import { KeyFigures } from "@/features/figures/KeyFigures";
import { withoutCovered } from "@/features/health/coveredAlerts";
import { SituationPanel } from "@/features/health/SituationPanel";
import { situationStore } from "@/features/health/situationStore";
import { HeartbeatsCard } from "@/features/heartbeats/HeartbeatsCard";
import { SilentCard } from "@/features/silent/SilentCard";
import { SourceCard } from "@/features/source/SourceCard";
import { TrendCard } from "@/features/trend/TrendCard";
import { useLiveFeed } from "@/hooks/useLiveFeed";
import { usePeriod } from "@/hooks/address/usePeriod";
import { useStore } from "@/hooks/useStore";
import { overviewTexts as texts } from "@/texts/overview";
import { asLoadable } from "@/utils/asLoadable";
import { usePrefetchQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

export function OverviewPage(): ReactNode {
  const [period] = usePeriod();
  usePrefetchQuery(statsOptions(period)); // during the first rendering, before the requests that follow it
  const feed = useLiveFeed();
  const situation = useStore(situationStore, (state) => state.situation);
  const statistics = useStore(feed.store, (state) => state.statistics);
  const health = asLoadable(useHealth());
  const stats = asLoadable(useStats(period));
  // The requests of the lower cards wait: on HTTP/1.1 they would take the connections of the key figures.
  const isFirstAnswered = stats.data !== undefined || Boolean(stats.error);
  const before = useStatsBefore(period, isFirstAnswered);
  const alerts = asLoadable(useAlerts());
  const toShow = alerts.data && withoutCovered(alerts.data, situation);
  const busiest = asLoadable(useBusiest(period));
  const silent = asLoadable(useSilent(isFirstAnswered));
  const heartbeats = asLoadable(useHeartbeats(isFirstAnswered));
  const accounting = asLoadable(useAccounting(period, isFirstAnswered));
  return (
    <>
      <SituationPanel situation={situation} heading="h1" />
      <AlertsCard alerts={{ ...alerts, data: toShow }} />
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3 pt-1">
        <PeriodControl />
        <Link to="/flow" className="text-sm font-medium text-accent underline-offset-2 hover:underline">
          {texts.flowLink}
        </Link>
      </div>
      <KeyFigures period={period} statistics={statistics} stats={stats} health={health} />
      <div className="grid gap-4 lg:grid-cols-[2fr_1fr]">
        <TrendCard stats={stats} before={before.data} />
        <BusiestCard period={period} busiest={busiest} />
        <HeartbeatsCard heartbeats={heartbeats} />
        <SourceCard stats={stats} deployment={health.data?.deployment} />
      </div>
      <AccountingCard period={period} accounting={accounting} />
      <SilentCard silent={silent} health={health.data} />
      <LatestCard feed={feed} />
    </>
  );
}
