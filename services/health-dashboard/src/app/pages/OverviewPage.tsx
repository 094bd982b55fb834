/** The overview: health, alerts, key figures, trend, busiest entities, services, silent sensors, gaps and rejected, latest events. */
import { useAlerts } from "@/api/getAlerts";
import { useBackfill } from "@/api/getBackfill";
import { useBusiest } from "@/api/getBusiest";
import { useGaps } from "@/api/getGaps";
import { useHealth } from "@/api/getHealth";
import { useRejected } from "@/api/getRejected";
import { useSilent } from "@/api/getSilent";
import { useStats } from "@/api/getStats";
import { PeriodControl } from "@/components/PeriodControl/PeriodControl";
import { AlertsCard } from "@/features/alerts/AlertsCard";
import { BusiestCard } from "@/features/entities/BusiestCard";
import { EventsCard } from "@/features/events/EventsCard";
import { KeyFigures } from "@/features/figures/KeyFigures";
import { describeHealth } from "@/features/health/describeHealth";
import { StatusLine } from "@/features/health/StatusLine";
import { toRecords } from "@/features/records/describeRecords";
import { RecordsCard } from "@/features/records/RecordsCard";
import { ServicesCard } from "@/features/services/ServicesCard";
import { SilentCard } from "@/features/silent/SilentCard";
import { TrendCard } from "@/features/trend/TrendCard";
import { useLiveFeed } from "@/hooks/useLiveFeed";
import { usePeriod } from "@/hooks/usePeriod";
import { useStore } from "@/hooks/useStore";
import { asLoadable } from "@/utils/asLoadable";
import type { ReactNode } from "react";

export function OverviewPage(): ReactNode {
  const [period] = usePeriod();
  const feed = useLiveFeed();
  const health = asLoadable(useHealth());
  const stats = asLoadable(useStats(period));
  const alerts = asLoadable(useAlerts());
  const busiest = asLoadable(useBusiest(period));
  const records = toRecords(asLoadable(useGaps()), asLoadable(useRejected()), asLoadable(useBackfill()));
  const silent = asLoadable(useSilent());
  const statistics = useStore(feed.store, (state) => state.statistics);
  const unknown = (alerts.data ?? []).filter((alert) => alert.acknowledged === null).length;
  const words = describeHealth(health);
  const home = health.data?.home ?? null;
  return (
    <>
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-4 pb-1">
        <StatusLine words={words} reassurance={reassurance(home, unknown)} />
        <PeriodControl />
      </div>
      <AlertsCard alerts={alerts} />
      <KeyFigures period={period} statistics={statistics} stats={stats} health={health} />
      <div className="grid gap-4 lg:grid-cols-[2fr_1fr]">
        <TrendCard stats={stats} />
        <BusiestCard period={period} busiest={busiest} />
      </div>
      <ServicesCard period={period} stats={stats} />
      <SilentCard silent={silent} health={health.data} />
      <RecordsCard records={records} />
      <EventsCard feed={feed} />
    </>
  );
}

function reassurance(home: string | null, alerts: number): string {
  if (alerts > 0) return `Every change at home is written to the store; ${alerts === 1 ? "an alert waits" : "alerts wait"} for a person.`;
  return home === "demo"
    ? "This is a simulated house. Set HA_URL and HA_TOKEN to capture your own."
    : "Every change at home is written to the store, and nothing is waiting on a person.";
}
