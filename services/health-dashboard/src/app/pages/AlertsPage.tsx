/** Alerts: active alerts, history and rules. */
import { useAlerts } from "@/api/alerts/getAlerts";
import { PageHeading } from "@/components/layout/PageHeading";
import { ViewTabs } from "@/components/controls/ViewTabs";
import { ActiveView } from "@/features/alerts/ActiveView";
import { HistoryView } from "@/features/alerts/HistoryView";
import { RulesView } from "@/features/alerts/RulesView";
import { alertsPageTexts as texts } from "@/texts/alertsPage";
import { navigationTexts } from "@/texts/navigation";
import type { ReactNode } from "react";
import { useSearchParams } from "@/hooks/address/useSearchParams";

const VIEWS = ["active", "history", "rules"] as const;

export function AlertsPage(): ReactNode {
  const [search] = useSearchParams();
  const count = useAlerts().data?.length ?? 0;
  const view = VIEWS.find((each) => each === search.get("view")) ?? "active";
  const tabs = VIEWS.map((each) => ({ view: each, label: texts[each], ...(each === "active" && count > 0 && { count }) }));
  return (
    <>
      <PageHeading title={navigationTexts.alerts} note={texts.note} />
      <ViewTabs label={texts.views} tabs={tabs} open={view} />
      {view === "active" && <ActiveView />}
      {view === "history" && <HistoryView />}
      {view === "rules" && <RulesView />}
    </>
  );
}
