/** Two date-time inputs in the viewer's time zone. */
import { Button } from "@/components/controls/Button";
import { periodTexts } from "@/texts/period";
import { PERIOD_FACTS, type FreeRange, type TimeChoice } from "@/types/period";
import { isFreeRange } from "@/utils/time/timeChoice";
import { toLocalInput } from "@/utils/time/toLocalInput";
import { useId, useState, type ReactNode, type SyntheticEvent } from "react";

const MINUTE_MS = 60_000;

interface FreeRangeFormProps {
  readonly choice: TimeChoice;
  readonly onApply: (range: FreeRange) => void;
  readonly onCancel: () => void;
}

export function FreeRangeForm({ choice, onApply, onCancel }: FreeRangeFormProps): ReactNode {
  const [[initialStart, initialEnd]] = useState(() => boundsOf(choice));
  const [isInvalid, setIsInvalid] = useState(false);
  const errorId = useId();
  const onSubmit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const [startMs, endMs] = ["start", "end"].map((name) => Date.parse(textOf(given.get(name))));
    if (startMs === undefined || endMs === undefined || !(startMs < endMs)) {
      setIsInvalid(true);
      return;
    }
    onApply({ start: new Date(startMs).toISOString(), end: new Date(endMs).toISOString() });
  };
  const input = (name: string, label: string, initial: string) => (
    <label className="flex items-center gap-2 text-xs text-ink-soft">
      {label}
      <input
        type="datetime-local"
        name={name}
        required
        defaultValue={initial}
        aria-invalid={isInvalid}
        aria-describedby={isInvalid ? errorId : undefined}
        className="h-8 rounded-lg border border-line-strong bg-surface px-2 text-xs text-ink"
      />
    </label>
  );
  return (
    <form onSubmit={onSubmit} aria-label={periodTexts.customLabel} className="flex flex-wrap items-center justify-end gap-2">
      {input("start", periodTexts.start, initialStart)}
      {input("end", periodTexts.end, initialEnd)}
      <Button type="submit">{periodTexts.apply}</Button>
      <Button onClick={onCancel}>{periodTexts.cancel}</Button>
      {isInvalid && (
        <p id={errorId} role="alert" className="w-full text-right text-xs text-bad">
          {periodTexts.invalid}
        </p>
      )}
    </form>
  );
}

function boundsOf(choice: TimeChoice): [string, string] {
  if (isFreeRange(choice)) return [toLocalInput(Date.parse(choice.start)), toLocalInput(Date.parse(choice.end))];
  const nowMs = Date.now();
  return [toLocalInput(nowMs - PERIOD_FACTS[choice].minutes * MINUTE_MS), toLocalInput(nowMs)];
}

function textOf(value: FormDataEntryValue | null): string {
  return typeof value === "string" ? value : "";
}
