/** Events per minute over the period, with the previous period behind it. */
import type { StatsBefore } from "@/api/statistics/getStatsBefore";
import { Card } from "@/components/layout/Card";
import { Faces } from "@/components/signs/Faces";
import { Skeleton } from "@/components/layout/Skeleton";
import { TimeSeriesChart } from "@/components/TimeSeriesChart";
import { toTrendChart } from "@/features/trend/trendChart";
import { toTrend } from "@/features/trend/trendSeries";
import { trendTexts as texts } from "@/texts/overview";
import type { StatsAnswer } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import { formatMoment } from "@/utils/format/formatTime";
import { staleBecause } from "@/utils/time/staleBecause";
import { useMemo, type ReactNode } from "react";

interface TrendCardProps {
  readonly stats: Loadable<StatsAnswer>;
  /** The previous period, if it is known. */
  readonly before: StatsBefore | undefined;
}

export function TrendCard({ stats, before }: TrendCardProps): ReactNode {
  return (
    <Card title={texts.title} note={note(stats.data)} staleBecause={staleBecause(stats)}>
      <div className="min-h-[324px] py-2">
        <Faces
          source={stats}
          loading={<Skeleton className="mx-5 my-3 h-[284px]" />}
          isEmpty={(data) => data.metrics.total_events === 0}
          empty={texts.empty}
        >
          {(data) => <ReadyTrend data={data} before={before} />}
        </Faces>
      </div>
    </Card>
  );
}

function note(data: StatsAnswer | undefined): string {
  const since = data && toTrend(data).countedFromMs;
  return since ? texts.countedSince(formatMoment(since, Date.parse(data.timestamp))) : "";
}

function ReadyTrend({ data, before }: { readonly data: StatsAnswer; readonly before: StatsBefore | undefined }): ReactNode {
  const chart = useMemo(
    () => toTrendChart(toTrend(data), before ? { trend: toTrend(before.answer), shiftMs: before.shiftMs } : null),
    [data, before],
  );
  return <TimeSeriesChart chart={chart} />;
}
