/** What needs a person, on top of the page for as long as there is something; each can be acknowledged. */
import { useAcknowledge } from "@/api/acknowledgeAlert";
import { Card } from "@/components/Card";
import { AlertRow } from "@/features/alerts/AlertRow";
import { announcement } from "@/features/alerts/describeAlert";
import { useMayOperate } from "@/features/session/useMayOperate";
import { useStore } from "@/hooks/useStore";
import { useNow } from "@/hooks/useNow";
import { freshness } from "@/lib/freshness";
import type { Alert } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import { staleBecause } from "@/utils/staleBecause";
import type { ReactNode } from "react";

export function AlertsCard({ alerts }: { readonly alerts: Loadable<readonly Alert[]> }): ReactNode {
  const found = alerts.data ?? [];
  const hasBanner = useStore(freshness, (state) => state.hasBanner);
  return (
    <>
      {/* Always there, so that what comes later is announced. */}
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
          Alerts are not known: {alerts.error.message}
        </p>
      )}
    </>
  );
}

function AlertList({ alerts }: { readonly alerts: readonly Alert[] }): ReactNode {
  const nowMs = useNow();
  const acknowledging = useAcknowledge();
  const mayOperate = useMayOperate();
  return (
    <>
      {acknowledging.error !== null && (
        <p role="alert" className="border-b border-line px-5 py-2 text-sm text-bad">
          It could not be acknowledged: {acknowledging.error.message}
        </p>
      )}
      <ul aria-label="Active alerts" className="divide-y divide-line">
        {alerts.map((alert) => (
          <AlertRow
            key={alert.id}
            alert={alert}
            nowMs={nowMs}
            mayAcknowledge={mayOperate}
            onAcknowledge={() => {
              acknowledging.mutate(alert.id);
            }}
          />
        ))}
      </ul>
    </>
  );
}

function countWords(alerts: readonly Alert[]): string {
  const unknown = alerts.filter((alert) => alert.acknowledged === null).length;
  return unknown === alerts.length ? `${alerts.length} active` : `${alerts.length} active, ${unknown} not acknowledged`;
}
