/** Which entities change most often, as bars. */
import { Card } from "@/components/Card";
import { Faces } from "@/components/Faces";
import { SkeletonRows } from "@/components/SkeletonRows";
import type { BusiestAnswer, BusyEntity } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import type { TimeChoice } from "@/types/period";
import { formatCount } from "@/utils/formatNumber";
import { staleBecause } from "@/utils/staleBecause";
import { timeWords } from "@/utils/timeChoice";
import type { ReactNode } from "react";

interface BusiestCardProps {
  readonly period: TimeChoice;
  readonly busiest: Loadable<BusiestAnswer>;
}

export function BusiestCard({ period, busiest }: BusiestCardProps): ReactNode {
  return (
    <Card
      title="Busiest entities"
      note={timeWords(period)}
      staleBecause={staleBecause(busiest)}
    >
      <div className="h-[300px] overflow-hidden">
        <Faces
          source={busiest}
          loading={<SkeletonRows rows={8} />}
          isEmpty={(data) => data.entities.length === 0}
          empty={{ title: "No entity has changed", text: "The entities that change most often are listed here." }}
        >
          {(data) => <Bars entities={data.entities} />}
        </Faces>
      </div>
    </Card>
  );
}

function Bars({ entities }: { readonly entities: readonly BusyEntity[] }): ReactNode {
  const most = Math.max(...entities.map((entity) => entity.count));
  return (
    <ol className="px-5 py-2.5">
      {entities.map(({ entity_id, home, count }) => (
        <li key={`${home}/${entity_id}`} className="py-1">
          <div className="flex justify-between gap-3 text-xs">
            <bdi className="truncate" title={`${entity_id} (${home})`}>
              {entity_id}
            </bdi>
            <span className="text-ink-soft">{formatCount(count)}</span>
          </div>
          <div aria-hidden="true" className="mt-1 h-1 rounded-full bg-raised">
            <div className="h-full rounded-full bg-accent" style={{ width: `${(100 * count) / most}%` }} />
          </div>
        </li>
      ))}
    </ol>
  );
}
