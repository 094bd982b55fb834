/** The number of rejected events by reason, how many are not replayed yet, and the size of their file. */
import { Button } from "@/components/controls/Button";
import { Card } from "@/components/layout/Card";
import { FileUse } from "@/features/records/rejected/FileUse";
import { reasonWords } from "@/features/records/rejected/reasonWords";
import { rejectedTexts as texts } from "@/texts/records";
import type { RejectedFileAnswer } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import type { Stale } from "@/utils/time/staleBecause";
import type { ReactNode } from "react";

interface ReasonsCardProps {
  /** Number of events by reason, for the selected home and time range. */
  readonly counts: Readonly<Record<string, number>>;
  /** Number of those not replayed yet. */
  readonly waiting: Readonly<Record<string, number>>;
  readonly file: Loadable<RejectedFileAnswer>;
  readonly staleBecause: Stale | undefined;
  readonly mayReplay: boolean;
  readonly onShow: (key: string) => void;
  readonly onReplay: (key: string) => void;
}

export function ReasonsCard({ counts, waiting, file, staleBecause, mayReplay, onShow, onReplay }: ReasonsCardProps): ReactNode {
  const reasons = Object.entries(counts).sort(([, a], [, b]) => b - a);
  return (
    <Card title={texts.reasons} staleBecause={staleBecause}>
      {reasons.length > 0 && (
        <ul aria-label={texts.reasons} className="divide-y divide-line border-b border-line">
          {reasons.map(([key, count]) => (
            <li key={key} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1.5 px-5 py-2">
              <button
                type="button"
                title={texts.onlyThis(reasonWords(key))}
                className="min-w-40 flex-1 text-left text-sm underline-offset-2 hover:underline"
                onClick={() => {
                  onShow(key);
                }}
              >
                {reasonWords(key)} <code className="text-xs text-ink-faint">{key}</code>
              </button>
              <span className="text-xs text-ink-soft tabular-nums">{texts.counts(count, waiting[key] ?? 0)}</span>
              {mayReplay && (waiting[key] ?? 0) > 0 && (
                <Button
                  label={texts.all.label(reasonWords(key))}
                  onClick={() => {
                    onReplay(key);
                  }}
                >
                  {texts.all.short}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      <FileUse file={file} />
    </Card>
  );
}
