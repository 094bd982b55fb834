/** The entities with the most events, as bars. */
import { Card } from "@/components/layout/Card";
import { EntityLink } from "@/components/links/EntityLink";
import { Faces } from "@/components/signs/Faces";
import { Link } from "@/components/links/Link";
import { SkeletonRows } from "@/components/layout/SkeletonRows";
import { busiestTexts as texts, overviewTexts } from "@/texts/overview";
import type { BusiestAnswer, BusyEntity } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import type { TimeChoice } from "@/types/period";
import { formatCount } from "@/utils/format/formatNumber";
import { staleBecause } from "@/utils/time/staleBecause";
import { timeWords } from "@/utils/time/timeChoice";
import type { ReactNode } from "react";

interface BusiestCardProps {
  readonly period: TimeChoice;
  readonly busiest: Loadable<BusiestAnswer>;
}

export function BusiestCard({ period, busiest }: BusiestCardProps): ReactNode {
  return (
    <Card
      title={texts.title}
      note={timeWords(period)}
      staleBecause={staleBecause(busiest)}
      aside={
        <Link to="/entities" className="text-xs font-medium whitespace-nowrap text-accent underline-offset-2 hover:underline">
          {overviewTexts.entitiesLink}
        </Link>
      }
    >
      <div className="min-h-[324px]">
        <Faces
          source={busiest}
          loading={<SkeletonRows rows={8} />}
          isEmpty={(data) => data.entities.length === 0}
          empty={texts.empty}
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
    <ol className="px-5 py-2">
      {entities.map(({ entity_id, home, friendly_name, count }) => (
        <li key={`${home}/${entity_id}`} className="py-1">
          <div className="flex items-baseline justify-between gap-3 text-sm">
            <EntityLink entityId={entity_id} name={friendly_name} home={home} className="flex-1" />
            <span className="text-xs text-ink-soft">{formatCount(count)}</span>
          </div>
          <div aria-hidden="true" className="mt-1 h-1 rounded-full bg-raised">
            <div className="h-full rounded-full bg-accent" style={{ width: `${(100 * count) / most}%` }} />
          </div>
        </li>
      ))}
    </ol>
  );
}
