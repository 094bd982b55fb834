/** One tapped event: time, entity, outcome and reason; its comparison opens below. */
import { Badge } from "@/components/signs/Badge";
import { EntityLink } from "@/components/links/EntityLink";
import { Icon } from "@/components/signs/Icon";
import { describeTapped } from "@/features/tap/describeTapped";
import { TapComparison } from "@/features/tap/TapComparison";
import type { TappedRow } from "@/lib/tapFeed";
import { tapTexts as texts } from "@/texts/tap";
import { formatExact } from "@/utils/format/formatTime";
import { memo, useId, type ReactNode } from "react";

interface TappedItemProps {
  readonly row: TappedRow;
  readonly time: string;
  readonly isOpen: boolean;
  readonly onToggle: (key: number) => void;
}

export const TappedItem = memo(function TappedItem({ row: { key, event }, time, isOpen, onToggle }: TappedItemProps): ReactNode {
  const detailId = useId();
  const words = describeTapped(event);
  return (
    <li className="[contain-intrinsic-size:auto_3.25rem] [content-visibility:auto]">
      <div className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-0.5 px-5 py-2 text-sm md:grid-cols-[6.5rem_minmax(0,1fr)_7rem_minmax(0,1.2fr)_2rem]">
        <time dateTime={event.received} title={formatExact(Date.parse(event.received))} className="text-xs text-ink-faint tabular-nums max-md:order-2">
          {time}
        </time>
        <div className="max-md:order-1">
          {words.entityId === null ? (
            <bdi className="block truncate font-medium">{words.title}</bdi>
          ) : (
            <EntityLink entityId={words.entityId} name={words.name} home={event.home} className="font-medium" />
          )}
        </div>
        <div className="max-md:order-3">
          <Badge tone={words.tone}>{words.outcome}</Badge>
        </div>
        <div className="text-xs max-md:order-5 max-md:col-span-2">
          <bdi className="block truncate text-ink-soft">{words.change}</bdi>
          {event.reason !== null && (
            <bdi className="block truncate text-ink-faint" title={words.reason}>
              {words.reason}
            </bdi>
          )}
        </div>
        <button
          type="button"
          aria-expanded={isOpen}
          aria-controls={detailId}
          aria-label={texts.comparisonOf(words.title, time)}
          onClick={() => {
            onToggle(key);
          }}
          className="grid size-8 place-items-center justify-self-end rounded-lg text-ink-faint hover:bg-raised hover:text-ink max-md:order-4"
        >
          <Icon name="chevron" className={`size-4 transition-transform ${isOpen ? "rotate-180" : ""}`} />
        </button>
      </div>
      <div id={detailId}>
        {isOpen && (
          <div className="px-3 pb-3 sm:px-5">
            <TapComparison event={event} />
          </div>
        )}
      </div>
    </li>
  );
});
