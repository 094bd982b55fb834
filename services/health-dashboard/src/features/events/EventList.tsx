/** The latest events, newest first, with their ages. */
import { EventRow } from "@/features/events/EventRow";
import { useNow } from "@/hooks/useNow";
import type { HomeEvent } from "@/types/api";
import { isBusy } from "@/utils/isBusy";
import { formatAge } from "@/utils/format/formatTime";
import type { ReactNode } from "react";

interface EventListProps {
  readonly events: readonly HomeEvent[];
  /** Maximum number of events; default: all. */
  readonly most?: number;
}

export function EventList({ events, most = events.length }: EventListProps): ReactNode {
  const nowMs = useNow();
  return (
    <ol className={`divide-y divide-line ${isBusy(events) ? "*:animate-none" : ""}`} aria-label="Latest events">
      {events.slice(0, most).map((event) => (
        <EventRow key={event.id} event={event} age={formatAge(nowMs - Date.parse(event.time))} />
      ))}
    </ol>
  );
}
