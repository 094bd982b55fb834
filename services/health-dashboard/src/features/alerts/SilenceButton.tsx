/** Silences an alert or ends its silence; an error is shown below it. */
import { useSilence } from "@/api/alerts/silenceAlert";
import { Button } from "@/components/controls/Button";
import { aboutWords } from "@/features/alerts/describeAlert";
import { SilencePresets } from "@/features/alerts/SilencePresets";
import { alertsTexts } from "@/texts/alerts";
import { alertsPageTexts as texts } from "@/texts/alertsPage";
import type { Alert } from "@/types/api";
import { useId, useState, type ReactNode } from "react";

export function SilenceButton({ alert }: { readonly alert: Alert }): ReactNode {
  const silencing = useSilence();
  const [isChoosing, setIsChoosing] = useState(false);
  const id = useId();
  const about = aboutWords(alert);
  const silence = (duration: string | null) => {
    silencing.mutate({ id: alert.id, duration });
    setIsChoosing(false);
  };
  return (
    <>
      {alert.silenced_until === null ? (
        <Button
          icon="pause"
          label={texts.silenceWhat(about)}
          isExpanded={isChoosing}
          controls={isChoosing ? id : undefined}
          isDisabled={silencing.isPending}
          onClick={() => {
            setIsChoosing(!isChoosing);
          }}
        >
          {texts.silence}
        </Button>
      ) : (
        <Button
          icon="play"
          label={`${texts.endSilence}: ${about}`}
          isDisabled={silencing.isPending}
          onClick={() => {
            silence(null);
          }}
        >
          {texts.endSilence}
        </Button>
      )}
      {isChoosing && <SilencePresets id={id} onChoose={silence} />}
      {silencing.error !== null && (
        <p role="alert" className="order-last basis-full text-xs text-bad">
          {alertsTexts.failed(silencing.error.message)}
        </p>
      )}
    </>
  );
}
