/** The table of entities: name, state, area and device, last change; a block per entity on narrow screens. */
import { EntityLink } from "@/components/links/EntityLink";
import { useNow } from "@/hooks/useNow";
import { entitiesTexts as texts } from "@/texts/entities";
import type { ListedEntity } from "@/types/api";
import { formatCount } from "@/utils/format/formatNumber";
import { formatAgo, formatExact } from "@/utils/format/formatTime";
import { stateText } from "@/utils/format/stateText";
import type { ReactNode } from "react";

const HEAD = "px-3 py-2.5 font-medium first:pl-5 last:pr-5";
const CELL = "md:px-3 md:py-2.5 md:first:pl-5 md:last:pr-5";

export function EntityTable({ entities }: { readonly entities: readonly ListedEntity[] }): ReactNode {
  const nowMs = useNow();
  const { columns } = texts;
  return (
    <table className="w-full text-sm max-md:block md:table-fixed">
      <caption className="sr-only">{texts.list}</caption>
      <thead className="max-md:sr-only">
        <tr className="border-b border-line text-left text-xs text-ink-faint">
          <th scope="col" className={`${HEAD} w-[34%]`}>{columns.entity}</th>
          <th scope="col" className={HEAD}>{columns.state}</th>
          <th scope="col" className={HEAD}>{columns.place}</th>
          <th scope="col" className={`${HEAD} w-28 text-right`}>{columns.changed}</th>
          <th scope="col" className={`${HEAD} w-36 text-right`}>{columns.events}</th>
        </tr>
      </thead>
      <tbody className="divide-y divide-line max-md:block">
        {entities.map((entity) => (
          <Row key={`${entity.home} ${entity.entity_id}`} entity={entity} nowMs={nowMs} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ entity, nowMs }: { readonly entity: ListedEntity; readonly nowMs: number }): ReactNode {
  const changedMs = entity.last_changed === null ? null : Date.parse(entity.last_changed);
  const place = [entity.area, entity.device].filter((each) => each !== null);
  return (
    <tr className="max-md:grid max-md:grid-cols-[minmax(0,1fr)_auto] max-md:gap-x-4 max-md:px-5 max-md:py-2.5">
      <th scope="row" className={`${CELL} text-left font-medium`}>
        <EntityLink entityId={entity.entity_id} name={entity.friendly_name} home={entity.home} />
      </th>
      <td className={`${CELL} max-md:text-right`}>
        <bdi className="block truncate" title={entity.state ?? ""}>{stateText(entity.state, entity.unit)}</bdi>
      </td>
      <td className={`${CELL} text-ink-soft max-md:text-xs`}>
        <bdi className="block truncate">{place.length === 0 ? texts.notPlaced : place.join(" · ")}</bdi>
      </td>
      <td className={`${CELL} text-right text-xs whitespace-nowrap text-ink-soft`}>
        {changedMs !== null && (
          <time dateTime={entity.last_changed ?? ""} title={formatExact(changedMs)}>
            {formatAgo(nowMs - changedMs)}
          </time>
        )}
      </td>
      <td className={`${CELL} text-right text-xs text-ink-soft max-md:hidden`}>{formatCount(entity.count)}</td>
    </tr>
  );
}
