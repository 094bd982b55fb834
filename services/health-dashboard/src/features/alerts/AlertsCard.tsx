/** The active alerts at the top of the page, with buttons to acknowledge them. Hidden if there are none. */
import { Button } from "@/components/controls/Button";
import { Card } from "@/components/layout/Card";
import { AcknowledgeButton } from "@/features/alerts/AcknowledgeButton";
import { AlertRow } from "@/features/alerts/AlertRow";
import { aboutWords, announcement, countWords } from "@/features/alerts/describeAlert";
import { useMayOperate } from "@/features/session/useMayOperate";
import { useStore } from "@/hooks/useStore";
import { useNow } from "@/hooks/useNow";
import { askToSignIn } from "@/lib/access";
import { freshness } from "@/lib/freshness";
import { alertsTexts as texts } from "@/texts/alerts";
import type { Alert } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import { staleBecause } from "@/utils/time/staleBecause";
import type { ReactNode } from "react";

export function AlertsCard({ alerts }: { readonly alerts: Loadable<readonly Alert[]> }): ReactNode {
  const found = alerts.data ?? [];
  const hasBanner = useStore(freshness, (state) => state.hasBanner);
  return (
    <>
      {/* Always rendered, so that later changes are announced. */}
      <p role="status" aria-label="Alerts" className="sr-only">
        {announcement(found)}
      </p>
      {found.length > 0 && (
        <Card title="Alerts" note={countWords(found)} staleBecause={staleBecause(alerts)}>
          <AlertList alerts={found} />
        </Card>
      )}
      {alerts.data === undefined && alerts.error !== null && !hasBanner && (
        <p role="alert" className="text-sm text-ink-soft">
          {texts.notKnown(alerts.error.message)}
        </p>
      )}
    </>
  );
}

function AlertList({ alerts }: { readonly alerts: readonly Alert[] }): ReactNode {
  const nowMs = useNow();
  const mayOperate = useMayOperate();
  return (
    <ul aria-label={texts.list} className="divide-y divide-line">
      {alerts.map((alert) => (
        <AlertRow key={alert.id} alert={alert} nowMs={nowMs} actions={actionsOf(alert, mayOperate)} />
      ))}
    </ul>
  );
}

function actionsOf(alert: Alert, mayOperate: boolean | null): ReactNode {
  if (mayOperate === true) return <AcknowledgeButton alert={alert} />;
  if (mayOperate === null || alert.acknowledged !== null) return null;
  return (
    <Button label={`${texts.signIn} ${texts.toAcknowledge(aboutWords(alert))}`} onClick={askToSignIn}>
      {texts.signIn}
    </Button>
  );
}
