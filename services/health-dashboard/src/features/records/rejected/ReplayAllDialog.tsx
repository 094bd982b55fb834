/** Confirms a replay of all events of one reason, and shows its progress and how the events ended. */
import { Button } from "@/components/Button";
import { ProgressBar } from "@/components/ProgressBar";
import { useReplayAll, type ReplayRun } from "@/features/records/rejected/useReplayAll";
import type { Parameters } from "@/lib/http";
import { dialogTexts } from "@/texts/dialog";
import { rejectedTexts } from "@/texts/records";
import type { ReplayOutcome } from "@/types/api";
import { formatCount } from "@/utils/formatNumber";
import * as Dialog from "@radix-ui/react-dialog";
import { useId, type ReactNode } from "react";

const texts = rejectedTexts.all;
const OUTCOMES: readonly ReplayOutcome[] = ["written", "duplicate", "filtered", "expired", "rejected"];

interface ReplayAllDialogProps {
  readonly question: Parameters;
  readonly reason: string;
  readonly count: number;
  readonly onClose: () => void;
}

export function ReplayAllDialog({ question, reason, count, onClose }: ReplayAllDialogProps): ReactNode {
  const run = useReplayAll(question);
  return (
    <Dialog.Root
      open
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose();
      }}
    >
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-shade" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-1/2 left-1/2 z-50 w-[calc(100%-2rem)] max-w-md -translate-x-1/2 -translate-y-1/2 space-y-4 rounded-xl border border-line bg-surface p-5 shadow-card"
        >
          <Dialog.Title className="text-base font-semibold">{texts.title(count, reason)}</Dialog.Title>
          <p className="text-sm text-ink-soft">{texts.text}</p>
          {run.state !== "ready" && <Progress run={run} count={count} />}
          <div className="flex justify-end gap-2">
            {run.state === "ready" && <Button onClick={onClose}>{dialogTexts.cancel}</Button>}
            {run.state === "ready" && (
              <Button kind="primary" onClick={run.start}>
                {texts.confirm}
              </Button>
            )}
            {run.state === "running" && <Button onClick={run.stop}>{texts.stop}</Button>}
            {run.state !== "ready" && run.state !== "running" && <Button onClick={onClose}>{texts.close}</Button>}
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Progress({ run: { state, progress, error }, count }: { readonly run: ReplayRun; readonly count: number }): ReactNode {
  const id = useId();
  const ends = OUTCOMES.flatMap((outcome) => {
    const number = progress.outcomes[outcome];
    return number === undefined ? [] : [`${rejectedTexts.outcomes[outcome]}: ${formatCount(number)}`];
  });
  return (
    <div className="space-y-2 text-sm">
      <p id={id}>{texts.progress(progress.done, count)}</p>
      <ProgressBar percent={count === 0 ? 100 : Math.min(100, (100 * progress.done) / count)} labelledBy={id} />
      <p role="status" className="text-ink-soft">
        {state === "done" && `${texts.done} `}
        {state === "stopped" && `${texts.stopped} `}
        {state !== "running" && ends.join(" · ")}
      </p>
      {error !== null && (
        <p role="alert" className="text-bad">
          {texts.failed(error)}
        </p>
      )}
    </div>
  );
}
