/** The rows of the page Events; any number of them can be open. */
import { EventItem } from "@/features/events/EventItem";
import { serverClock } from "@/lib/serverClock";
import { eventsTexts as texts } from "@/texts/events";
import type { HomeEvent } from "@/types/api";
import { formatSecond } from "@/utils/format/formatTime";
import { isBusy } from "@/utils/isBusy";
import { useCallback, useState, type ReactNode } from "react";

interface EventItemsProps {
  readonly events: readonly HomeEvent[];
  readonly late: ReadonlySet<string>;
  /** Called when details are opened, to pause the list while they are read. */
  readonly onOpen: () => void;
}

export function EventItems({ events, late, onOpen }: EventItemsProps): ReactNode {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const nowMs = serverClock.now();
  const toggle = useCallback(
    (id: string) => {
      onOpen();
      setOpen((before) => {
        const after = new Set(before);
        if (!after.delete(id)) after.add(id);
        return after;
      });
    },
    [onOpen],
  );
  return (
    <ol className={`divide-y divide-line ${isBusy(events) ? "*:animate-none" : ""}`} aria-label={texts.list}>
      {events.map((event) => (
        <EventItem
          key={event.id}
          event={event}
          time={formatSecond(Date.parse(event.time), nowMs)}
          isLate={late.has(event.id)}
          isOpen={open.has(event.id)}
          onToggle={toggle}
        />
      ))}
    </ol>
  );
}
