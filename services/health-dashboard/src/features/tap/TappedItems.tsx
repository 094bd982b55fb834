/** The tapped events, newest first. Opening a comparison pauses the list. */
import { Message } from "@/components/signs/Message";
import { TappedItem } from "@/features/tap/TappedItem";
import { serverClock } from "@/lib/serverClock";
import type { TappedRow } from "@/lib/tapFeed";
import { tapTexts as texts } from "@/texts/tap";
import { formatSecond } from "@/utils/format/formatTime";
import { useCallback, useState, type ReactNode } from "react";

interface TappedItemsProps {
  readonly rows: readonly TappedRow[];
  readonly onOpen: () => void;
}

export function TappedItems({ rows, onOpen }: TappedItemsProps): ReactNode {
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const nowMs = serverClock.now();
  const toggle = useCallback(
    (key: number) => {
      onOpen();
      setOpen((before) => {
        const after = new Set(before);
        if (!after.delete(key)) after.add(key);
        return after;
      });
    },
    [onOpen],
  );
  if (rows.length === 0) return <Message tone="neutral" icon="clock" title={texts.waitingTitle} text={texts.waitingText} />;
  return (
    <ol className="divide-y divide-line" aria-label={texts.listLabel}>
      {rows.map((row) => (
        <TappedItem
          key={row.key}
          row={row}
          time={formatSecond(Date.parse(row.event.received), nowMs)}
          isOpen={open.has(row.key)}
          onToggle={toggle}
        />
      ))}
    </ol>
  );
}
