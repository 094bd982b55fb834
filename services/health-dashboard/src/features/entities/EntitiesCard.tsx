/** The list of entities with search, page by page. */
import { ENTITY_FILTERS, useEntities } from "@/api/entities/getEntities";
import { Card } from "@/components/layout/Card";
import { Faces } from "@/components/signs/Faces";
import { Pager } from "@/components/controls/Pager";
import { SkeletonRows } from "@/components/layout/SkeletonRows";
import { EntityFilterBar } from "@/features/entities/EntityFilterBar";
import { EntityTable } from "@/features/entities/EntityTable";
import { useSearchParams } from "@/hooks/address/useSearchParams";
import { entitiesTexts as texts } from "@/texts/entities";
import { asLoadable } from "@/utils/asLoadable";
import { staleBecause } from "@/utils/time/staleBecause";
import { useDeferredValue, type ReactNode } from "react";

export function EntitiesCard(): ReactNode {
  const [search] = useSearchParams();
  const asked = useDeferredValue(search);
  const filters = Object.fromEntries(ENTITY_FILTERS.flatMap((name) => (asked.get(name) ? [[name, asked.get(name) ?? ""]] : [])));
  const entities = asLoadable(useEntities({ filters, cursor: asked.get("cursor") ?? undefined }));
  const { data } = entities;
  const isFiltered = Object.keys(filters).length > 0;
  return (
    <Card title={texts.list} note={<span role="status">{data && texts.found(data.total)}</span>} staleBecause={staleBecause(entities)}>
      <EntityFilterBar choices={data?.choices} />
      <div className="min-h-96">
        <Faces
          source={entities}
          loading={<SkeletonRows rows={10} />}
          isEmpty={(answer) => answer.entities.length === 0}
          empty={isFiltered ? texts.noneFound : texts.empty}
        >
          {(answer) => (
            <>
              <EntityTable entities={answer.entities} />
              <Pager nextCursor={answer.next_cursor} isByTime={false} />
            </>
          )}
        </Faces>
      </div>
    </Card>
  );
}
