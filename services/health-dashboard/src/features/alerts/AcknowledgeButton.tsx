/** Acknowledges an alert; an error is shown below it. */
import { useAcknowledge } from "@/api/alerts/acknowledgeAlert";
import { Button } from "@/components/controls/Button";
import { aboutWords } from "@/features/alerts/describeAlert";
import { alertsTexts as texts } from "@/texts/alerts";
import type { Alert } from "@/types/api";
import type { ReactNode } from "react";

export function AcknowledgeButton({ alert }: { readonly alert: Alert }): ReactNode {
  const acknowledging = useAcknowledge();
  if (alert.acknowledged !== null) return null;
  return (
    <>
      <Button
        icon="check"
        label={`${texts.acknowledge} ${aboutWords(alert)}`}
        isDisabled={acknowledging.isPending}
        onClick={() => {
          acknowledging.mutate(alert.id);
        }}
      >
        {texts.acknowledge}
      </Button>
      {acknowledging.error !== null && (
        <p role="alert" className="order-last basis-full text-xs text-bad">
          {texts.failed(acknowledging.error.message)}
        </p>
      )}
    </>
  );
}
