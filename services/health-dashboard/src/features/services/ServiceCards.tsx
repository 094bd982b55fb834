/** All services over a time range. The open chart is in the address, so it can be shared. */
import { Card } from "@/components/layout/Card";
import { Faces } from "@/components/signs/Faces";
import { Notice } from "@/components/signs/Notice";
import { Skeleton } from "@/components/layout/Skeleton";
import { inFlowOrder } from "@/features/services/flowOrder";
import { FIGURES } from "@/features/services/serviceFigures";
import { ServiceCard } from "@/features/services/ServiceCard";
import { useFilterParam } from "@/hooks/address/useFilterParam";
import { servicesTexts as texts } from "@/texts/services";
import type { ServiceTrendsAnswer, StatsAnswer } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import { staleBecause } from "@/utils/time/staleBecause";
import type { ReactNode } from "react";

interface ServiceCardsProps {
  readonly trends: Loadable<ServiceTrendsAnswer>;
  readonly stats: StatsAnswer | undefined;
  /** Whether the time range ends now. */
  readonly isCurrent: boolean;
}

export function ServiceCards({ trends, stats, isCurrent }: ServiceCardsProps): ReactNode {
  const [open, setOpen] = useFilterParam("chart");
  const [openService, openFigure] = open.split(".");
  const figure = FIGURES.find((each) => each === openFigure) ?? null;
  return (
    <Faces
      source={trends}
      loading={<Bones />}
      isEmpty={({ trends: found, unknown }) => Object.keys({ ...found, ...unknown }).length === 0}
      empty={texts.empty}
    >
      {(answer) => (
        <div className="space-y-4">
          {Object.entries(answer.unknown).map(([service, reason]) => (
            <Notice key={service} tone="warn" icon="alert">
              {texts.names[service]?.[0] ?? service}: {texts.noAnswer(reason)}
            </Notice>
          ))}
          {inFlowOrder(Object.keys(answer.trends)).map((service) => {
            const trend = answer.trends[service];
            return (
              trend && (
                <ServiceCard
                  key={service}
                  service={service}
                  stats={stats?.metrics.services[service]}
                  answer={answer}
                  trend={trend}
                  isCurrent={isCurrent}
                  open={openService === service ? figure : null}
                  onOpen={(chosen) => {
                    setOpen(chosen === null ? "" : `${service}.${chosen}`);
                  }}
                  staleBecause={staleBecause(trends)}
                />
              )
            );
          })}
        </div>
      )}
    </Faces>
  );
}

function Bones(): ReactNode {
  return (
    <div className="space-y-4">
      {Object.values(texts.names).map(([name]) => (
        <Card key={name} title={name}>
          <Skeleton className="m-4 h-56 sm:h-40 xl:h-20" />
        </Card>
      ))}
    </div>
  );
}
