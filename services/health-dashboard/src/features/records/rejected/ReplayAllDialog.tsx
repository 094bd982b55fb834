/** Confirms a replay of all events with one reason, and shows progress and outcomes. */
import { Button } from "@/components/controls/Button";
import { Modal } from "@/components/dialogs/Modal";
import { ProgressBar } from "@/components/signs/ProgressBar";
import { useReplayAll, type ReplayRun } from "@/features/records/rejected/useReplayAll";
import type { Parameters } from "@/lib/http";
import { dialogTexts } from "@/texts/dialog";
import { rejectedTexts } from "@/texts/records";
import type { ReplayOutcome } from "@/types/api";
import { formatCount } from "@/utils/format/formatNumber";
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
    <Modal title={texts.title(count, reason)} onClose={onClose}>
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
    </Modal>
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
