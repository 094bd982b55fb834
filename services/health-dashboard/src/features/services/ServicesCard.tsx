/** How each service does over the period. */
import { Badge } from "@/components/Badge";
import { Card } from "@/components/Card";
import { Faces } from "@/components/Faces";
import { SkeletonRows } from "@/components/SkeletonRows";
import { inFlowOrder } from "@/features/services/serviceRow";
import { ServicesTable } from "@/features/services/ServicesTable";
import type { StatsAnswer, StatsSource } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import type { TimeChoice } from "@/types/period";
import { staleBecause } from "@/utils/staleBecause";
import { timeWords } from "@/utils/timeChoice";
import type { ReactNode } from "react";

interface ServicesCardProps {
  readonly period: TimeChoice;
  readonly stats: Loadable<StatsAnswer>;
}

export function ServicesCard({ period, stats }: ServicesCardProps): ReactNode {
  return (
    <Card
      title="Services"
      note={timeWords(period)}
      aside={stats.data && <SourceNote source={stats.data.source} />}
      staleBecause={staleBecause(stats)}
    >
      <div className="min-h-[13.75rem]">
        <Faces
          source={stats}
          loading={<SkeletonRows rows={4} />}
          isEmpty={(data) => Object.keys(data.metrics.services).length === 0}
          empty={{ title: "No service has reported yet", text: "Each reports every ten seconds once it runs." }}
        >
          {(data) => <ServicesTable services={inFlowOrder(data.metrics.services)} />}
        </Faces>
      </div>
    </Card>
  );
}

const SOURCES: Readonly<Record<StatsSource, string>> = {
  embedded: "from the embedded store",
  influxdb: "from InfluxDB",
  services: "from the services themselves",
  "services-fallback": "Store away: from the services themselves",
};

function SourceNote({ source }: { readonly source: StatsSource }): ReactNode {
  if (source === "services-fallback") return <Badge tone="warn">{SOURCES[source]}</Badge>;
  return <span className="text-xs whitespace-nowrap text-ink-faint">{SOURCES[source]}</span>;
}
