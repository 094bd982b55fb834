/** Events per minute over the period. */
import { Card } from "@/components/Card";
import { Faces } from "@/components/Faces";
import { Skeleton } from "@/components/Skeleton";
import { TimeSeriesChart } from "@/components/TimeSeriesChart";
import { toTrendChart } from "@/features/trend/trendChart";
import { toTrend } from "@/features/trend/trendSeries";
import type { StatsAnswer } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import { formatMoment } from "@/utils/formatTime";
import { staleBecause } from "@/utils/staleBecause";
import { useMemo, type ReactNode } from "react";

interface TrendCardProps {
  readonly stats: Loadable<StatsAnswer>;
}

export function TrendCard({ stats }: TrendCardProps): ReactNode {
  return (
    <Card title="Events per minute" note={note(stats.data)} staleBecause={staleBecause(stats)}>
      <div className="h-[300px] py-2">
        <Faces
          source={stats}
          loading={<Skeleton className="mx-5 my-3 h-[260px]" />}
          isEmpty={(data) => data.metrics.total_events === 0}
          empty={{ title: "No events in this period", text: "The chart fills as soon as something happens at home." }}
        >
          {(data) => <ReadyTrend data={data} />}
        </Faces>
      </div>
    </Card>
  );
}

function note(data: StatsAnswer | undefined): string {
  const since = data && toTrend(data).countedFromMs;
  return `${since ? `counted since ${formatMoment(since, Date.parse(data.timestamp))}, ` : ""}dashed: still counting`;
}

function ReadyTrend({ data }: { readonly data: StatsAnswer }): ReactNode {
  const chart = useMemo(() => toTrendChart(toTrend(data)), [data]);
  return <TimeSeriesChart chart={chart} />;
}
