/** The active alerts with their actions; without the scope, a notice explains what is needed. */
import { useAlertRules } from "@/api/alerts/getAlertRules";
import { useAlerts } from "@/api/alerts/getAlerts";
import { Card } from "@/components/layout/Card";
import { Faces } from "@/components/signs/Faces";
import { SkeletonRows } from "@/components/layout/SkeletonRows";
import { AcknowledgeButton } from "@/features/alerts/AcknowledgeButton";
import { AlertRow } from "@/features/alerts/AlertRow";
import { announcement, countWords } from "@/features/alerts/describeAlert";
import { RuleDetails } from "@/features/alerts/RuleDetails";
import { SilenceButton } from "@/features/alerts/SilenceButton";
import { ScopeNote } from "@/features/session/ScopeNote";
import { useMay } from "@/features/session/useMay";
import { useNow } from "@/hooks/useNow";
import { alertsTexts } from "@/texts/alerts";
import { alertsPageTexts as texts } from "@/texts/alertsPage";
import { asLoadable } from "@/utils/asLoadable";
import { staleBecause } from "@/utils/time/staleBecause";
import type { ReactNode } from "react";

export function ActiveView(): ReactNode {
  const alerts = asLoadable(useAlerts());
  const rules = useAlertRules().data?.rules;
  const mayOperate = useMay("operate");
  const nowMs = useNow();
  const found = alerts.data ?? [];
  return (
    <>
      {/* Always rendered, so that later changes are announced. */}
      <p role="status" aria-label={texts.active} className="sr-only">
        {announcement(found)}
      </p>
      {mayOperate === false && found.length > 0 && <ScopeNote scope="operate" what={texts.operating} />}
      <Card title={texts.active} note={found.length > 0 ? countWords(found) : ""} staleBecause={staleBecause(alerts)}>
        <Faces source={alerts} loading={<SkeletonRows rows={4} />} isEmpty={(data) => data.length === 0} empty={texts.noActive}>
          {(data) => (
            <ul aria-label={alertsTexts.list} className="divide-y divide-line">
              {data.map((alert) => (
                <AlertRow
                  key={alert.id}
                  alert={alert}
                  nowMs={nowMs}
                  rule={rules && <RuleDetails rule={rules.find(({ name }) => name === alert.rule)} />}
                  actions={
                    mayOperate === true && (
                      <>
                        <AcknowledgeButton alert={alert} />
                        <SilenceButton alert={alert} />
                      </>
                    )
                  }
                />
              ))}
            </ul>
          )}
        </Faces>
      </Card>
    </>
  );
}
