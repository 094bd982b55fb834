/** Replays one event; the outcome is shown beside the button. */
import { useReplay } from "@/api/records/replayRejected";
import { Badge } from "@/components/signs/Badge";
import { Button } from "@/components/controls/Button";
import type { Tone } from "@/components/signs/tones";
import { rejectedTexts as texts } from "@/texts/records";
import type { RejectedEvent, ReplayOutcome } from "@/types/api";
import { formatExact, formatSecond } from "@/utils/format/formatTime";
import type { ReactNode } from "react";

const TONES: Readonly<Record<ReplayOutcome, Tone>> = {
  written: "good",
  duplicate: "good",
  filtered: "neutral",
  expired: "neutral",
  rejected: "bad",
};

interface ReplayControlProps {
  readonly event: RejectedEvent;
  readonly nowMs: number;
  readonly mayReplay: boolean;
}

export function ReplayControl({ event, nowMs, mayReplay }: ReplayControlProps): ReactNode {
  const replay = useReplay();
  const { outcome, replayed } = replay.data ?? event;
  const isFinished = outcome !== null && outcome !== "rejected"; // another replay would return the same outcome
  return (
    <>
      <span role="status" className="flex flex-wrap items-center justify-end gap-2">
        {outcome !== null && (
          <Badge tone={TONES[outcome]} title={replayed === null ? texts.outcomes[outcome] : formatExact(Date.parse(replayed))}>
            {replayed === null ? texts.outcomes[outcome] : texts.outcomeAt(texts.outcomes[outcome], formatSecond(Date.parse(replayed), nowMs))}
          </Badge>
        )}
        {replay.data?.message != null && (
          <span className="text-xs text-bad">{replay.data.message === event.message ? texts.sameReason : replay.data.message}</span>
        )}
        {replay.isError && <span className="text-xs text-bad">{replay.error.message}</span>}
      </span>
      {mayReplay && !isFinished && (
        <Button
          isDisabled={replay.isPending}
          onClick={() => {
            replay.mutate(event.id);
          }}
        >
          {replay.isPending ? texts.replaying : outcome === null ? texts.replay : texts.again}
        </Button>
      )}
    </>
  );
}
