/** Settings and access. Each part states the scope that it needs. */
import { ThemeControl } from "@/app/ThemeControl";
import { PageHeading } from "@/components/layout/PageHeading";
import { ViewTabs } from "@/components/controls/ViewTabs";
import { ScopeGate } from "@/features/session/ScopeGate";
import { AccessView } from "@/features/settings/access/AccessView";
import { AuditView } from "@/features/settings/audit/AuditView";
import { ConfigurationView } from "@/features/settings/configuration/ConfigurationView";
import { GeneralView } from "@/features/settings/general/GeneralView";
import { StatisticsView } from "@/features/settings/statistics/StatisticsView";
import { useSearchParams } from "@/hooks/address/useSearchParams";
import { navigationTexts } from "@/texts/navigation";
import { accessTexts, auditTexts, configurationTexts, settingsTexts as texts, statisticsTexts } from "@/texts/settings";
import type { ReactNode } from "react";

const VIEWS = ["general", "configuration", "statistics", "access", "audit"] as const;

/** The parts that only admins may read, with the names for the scope notice. */
const GUARDED = {
  configuration: { what: configurationTexts.what, content: <ConfigurationView /> },
  statistics: { what: statisticsTexts.what, content: <StatisticsView /> },
  access: { what: accessTexts.what, content: <AccessView /> },
  audit: { what: auditTexts.what, content: <AuditView /> },
};

export function SettingsPage(): ReactNode {
  const [search] = useSearchParams();
  const view = VIEWS.find((each) => each === search.get("view")) ?? "general";
  return (
    <>
      <PageHeading title={navigationTexts.settings} note={texts.note} />
      <ViewTabs label={texts.views} tabs={VIEWS.map((each) => ({ view: each, label: texts[each] }))} open={view} />
      {view === "general" ? (
        <GeneralView theme={<ThemeControl />} />
      ) : (
        <ScopeGate key={view} scope="admin" what={GUARDED[view].what}>
          {GUARDED[view].content}
        </ScopeGate>
      )}
    </>
  );
}
