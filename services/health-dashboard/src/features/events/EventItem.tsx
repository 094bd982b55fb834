/** One event of the page Events: time, entity, change and kind; its details open below. */
import { Badge } from "@/components/signs/Badge";
import { EntityLink } from "@/components/links/EntityLink";
import { Icon } from "@/components/signs/Icon";
import { EventChange } from "@/features/events/EventChange";
import { EventDetail } from "@/features/events/EventDetail";
import { eventsTexts as texts } from "@/texts/events";
import type { HomeEvent } from "@/types/api";
import { describeEvent } from "@/utils/format/describeEvent";
import { formatExact } from "@/utils/format/formatTime";
import { memo, useId, type ReactNode } from "react";

interface EventItemProps {
  readonly event: HomeEvent;
  /** As text, so that a row is rerendered only if it changes. */
  readonly time: string;
  readonly isLate: boolean;
  readonly isOpen: boolean;
  readonly onToggle: (id: string) => void;
}

export const EventItem = memo(function EventItem({ event, time, isLate, isOpen, onToggle }: EventItemProps): ReactNode {
  const detailId = useId();
  const words = describeEvent(event);
  return (
    <li className="animate-arrive [contain-intrinsic-size:auto_3.25rem] [content-visibility:auto]">
      <div className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-0.5 px-5 py-2 text-sm md:grid-cols-[6.5rem_minmax(0,1.3fr)_minmax(0,1fr)_2rem]">
        <time dateTime={event.time} title={formatExact(Date.parse(event.time))} className="text-xs text-ink-faint tabular-nums max-md:order-2">
          {time}
        </time>
        <div className="max-md:order-1">
          {event.entity_id === null ? (
            <bdi className="block truncate font-medium">{event.event_type}</bdi>
          ) : (
            <EntityLink entityId={event.entity_id} name={event.friendly_name} home={event.home} className="font-medium" />
          )}
        </div>
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1 max-md:order-3 md:justify-end">
          <Marks event={event} isLate={isLate} />
          <EventChange words={words} />
        </div>
        <button
          type="button"
          aria-expanded={isOpen}
          aria-controls={detailId}
          aria-label={texts.detailsOf(words.title, time)}
          onClick={() => {
            onToggle(event.id);
          }}
          className="grid size-8 place-items-center justify-self-end rounded-lg text-ink-faint hover:bg-raised hover:text-ink max-md:order-4"
        >
          <Icon name="chevron" className={`size-4 transition-transform ${isOpen ? "rotate-180" : ""}`} />
        </button>
      </div>
      <div id={detailId}>
        {isOpen && (
          <div className="px-3 pb-3 sm:px-5">
            <EventDetail event={event} />
          </div>
        )}
      </div>
    </li>
  );
});

function Marks({ event, isLate }: { readonly event: HomeEvent; readonly isLate: boolean }): ReactNode {
  return (
    <>
      {isLate && (
        <Badge tone="warn" icon="clock" title={texts.lateHint}>
          {texts.late}
        </Badge>
      )}
      {event.origin_kind !== "live" && (
        <Badge tone="neutral" title={texts.kindHints[event.origin_kind]}>
          {texts.kinds[event.origin_kind]}
        </Badge>
      )}
    </>
  );
}
