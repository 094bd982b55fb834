/** The durations of a silence. */
import { Button } from "@/components/controls/Button";
import { alertsPageTexts as texts } from "@/texts/alertsPage";
import type { ReactNode } from "react";

interface SilencePresetsProps {
  readonly id: string;
  readonly onChoose: (duration: string) => void;
}

export function SilencePresets({ id, onChoose }: SilencePresetsProps): ReactNode {
  return (
    <div id={id} role="group" aria-label={texts.silenceFor} className="order-last basis-full space-y-1.5 rounded-lg bg-raised p-2.5 text-left">
      <div className="flex flex-wrap gap-1.5">
        {texts.presets.map(([duration, words]) => (
          <Button
            key={duration}
            label={`${texts.silenceFor} ${words}`}
            onClick={() => {
              onChoose(duration);
            }}
          >
            {words}
          </Button>
        ))}
      </div>
      <p className="text-xs text-ink-soft">{texts.silenceHint}</p>
    </div>
  );
}
