/** One rejected event: time, reason, replay and its outcome; its details open below. */
import { Badge } from "@/components/signs/Badge";
import { reasonWords } from "@/features/records/rejected/reasonWords";
import { RejectedDetail } from "@/features/records/rejected/RejectedDetail";
import { ReplayControl } from "@/features/records/rejected/ReplayControl";
import { rejectedTexts as texts } from "@/texts/records";
import type { RejectedEvent } from "@/types/api";
import { formatExact, formatSecond } from "@/utils/format/formatTime";
import { useId, type ReactNode } from "react";

interface RejectedRowProps {
  readonly event: RejectedEvent;
  readonly nowMs: number;
  readonly isOpen: boolean;
  readonly hasSeveralHomes: boolean;
  readonly mayReplay: boolean;
  readonly onToggle: () => void;
}

export function RejectedRow({ event, nowMs, isOpen, hasSeveralHomes, mayReplay, onToggle }: RejectedRowProps): ReactNode {
  const id = useId();
  const ms = Date.parse(event.time);
  return (
    <li className="space-y-2 px-5 py-3">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-48 flex-1 space-y-1">
          <p className="text-sm [overflow-wrap:anywhere]">
            <bdi>{event.message}</bdi>
          </p>
          <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-ink-faint">
            <time dateTime={event.time} title={formatExact(ms)}>
              {formatSecond(ms, nowMs)}
            </time>
            <span>{reasonWords(event.key)}</span>
            {hasSeveralHomes && <bdi>{event.home}</bdi>}
            {event.origin_kind !== "live" && <Badge tone="neutral">{texts.kinds[event.origin_kind]}</Badge>}
          </p>
        </div>
        <div className="flex flex-wrap items-center gap-2">
          <ReplayControl event={event} nowMs={nowMs} mayReplay={mayReplay} />
          <button
            type="button"
            aria-expanded={isOpen}
            aria-controls={id}
            aria-label={isOpen ? texts.closeOf(event.message) : texts.openOf(event.message)}
            className="h-8 text-xs font-medium text-accent underline-offset-2 hover:underline"
            onClick={onToggle}
          >
            {isOpen ? texts.close : texts.open}
          </button>
        </div>
      </div>
      <div id={id}>{isOpen && <RejectedDetail id={event.id} />}</div>
    </li>
  );
}
