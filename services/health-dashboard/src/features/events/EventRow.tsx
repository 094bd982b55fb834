/** One event: time, entity, area and change. */
import { EntityLink } from "@/components/links/EntityLink";
import { EventChange } from "@/features/events/EventChange";
import type { HomeEvent } from "@/types/api";
import { describeEvent } from "@/utils/format/describeEvent";
import { formatExact } from "@/utils/format/formatTime";
import { memo, type ReactNode } from "react";

interface EventRowProps {
  readonly event: HomeEvent;
  /** As text, so that a row is rerendered only if it changes. */
  readonly age: string;
}

export const EventRow = memo(function EventRow({ event, age }: EventRowProps): ReactNode {
  const words = describeEvent(event);
  return (
    <li className="grid animate-arrive grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-4 px-5 py-2 text-sm md:grid-cols-[4rem_minmax(0,1.4fr)_minmax(0,1fr)]">
      <time
        dateTime={event.time}
        title={formatExact(Date.parse(event.time))}
        className="text-right text-xs text-ink-faint max-md:order-2 md:text-left"
      >
        {age}
      </time>
      <div className="max-md:order-1 md:flex md:items-baseline md:gap-2.5">
        {event.entity_id === null ? (
          <bdi className="truncate font-medium max-md:block">{words.title}</bdi>
        ) : (
          <EntityLink entityId={event.entity_id} name={event.friendly_name} home={event.home} note="" className="max-w-full font-medium md:shrink-0" />
        )}
        <bdi className="min-w-0 truncate text-xs text-ink-faint max-md:block">{words.subtitle}</bdi>
      </div>
      <div className="max-md:order-3 max-md:col-span-2 md:justify-self-end">
        <EventChange words={words} />
      </div>
    </li>
  );
});
