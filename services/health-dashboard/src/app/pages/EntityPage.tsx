/** One entity: facts, history and newest events. */
import { useEntity } from "@/api/entities/getEntity";
import { useHealth } from "@/api/system/getHealth";
import { PageHeading } from "@/components/layout/PageHeading";
import { PeriodControl } from "@/components/controls/PeriodControl/PeriodControl";
import { SkeletonRows } from "@/components/layout/SkeletonRows";
import { EntityEventsCard } from "@/features/entity/EntityEventsCard";
import { EntityProblem } from "@/features/entity/EntityProblem";
import { FactsCard } from "@/features/entity/FactsCard";
import { HistoryCard } from "@/features/entity/HistoryCard";
import { usePeriod } from "@/hooks/address/usePeriod";
import { useSearchParams } from "@/hooks/address/useSearchParams";
import { navigationTexts } from "@/texts/navigation";
import { asLoadable } from "@/utils/asLoadable";
import type { ReactNode } from "react";

const DAY = "24h";

export function EntityPage({ params }: { readonly params: Readonly<Record<string, string>> }): ReactNode {
  const entityId = params["entityId"] ?? "";
  const [search] = useSearchParams();
  const [time] = usePeriod(DAY);
  const { data: health } = useHealth();
  const source = asLoadable(useEntity(entityId, search.get("home") ?? undefined));
  const { data: entity, error } = source;
  const name = entity?.friendly_name ?? entityId;
  return (
    <>
      <title>{`${name} · HA Ingestor`}</title>
      <PageHeading title={<bdi>{name}</bdi>} note={name === entityId ? navigationTexts.entity : <bdi>{entityId}</bdi>} aside={entity && <PeriodControl fallback={DAY} />} />
      {entity === undefined && error !== null && (
        <EntityProblem entityId={entityId} error={error} homes={health?.homes.map(({ home }) => home) ?? []} onRetry={source.retry} />
      )}
      {entity === undefined && error === null && (
        <div role="status" className="rounded-xl border border-line bg-surface">
          <span className="sr-only">{navigationTexts.loading}</span>
          <SkeletonRows rows={8} />
        </div>
      )}
      {entity && (
        <>
          <FactsCard entity={entity} source={source} />
          <HistoryCard entity={entity} time={time} />
          <EntityEventsCard entity={entity} />
        </>
      )}
    </>
  );
}
