/** Records: gaps, rejected events, filters, and the comparison of both sources. */
import { useGaps } from "@/api/records/getGaps";
import { useHealth } from "@/api/system/getHealth";
import { PageHeading } from "@/components/layout/PageHeading";
import { ViewTabs } from "@/components/controls/ViewTabs";
import { ComparisonView } from "@/features/records/comparison/ComparisonView";
import { FiltersView } from "@/features/records/filters/FiltersView";
import { GapsView } from "@/features/records/gaps/GapsView";
import { RejectedView } from "@/features/records/rejected/RejectedView";
import { useSearchParams } from "@/hooks/address/useSearchParams";
import { navigationTexts } from "@/texts/navigation";
import { recordsTexts as texts } from "@/texts/records";
import type { ReactNode } from "react";

const VIEWS = ["gaps", "rejected", "filters", "comparison"] as const;

export function RecordsPage(): ReactNode {
  const [search] = useSearchParams();
  const open = useGaps().data?.open ?? 0;
  const homes = (useHealth().data?.homes ?? []).map(({ home }) => home);
  const view = VIEWS.find((each) => each === search.get("view")) ?? "gaps";
  const tabs = VIEWS.map((each) => ({ view: each, label: texts[each], ...(each === "gaps" && open > 0 && { count: open }) }));
  return (
    <>
      <PageHeading title={navigationTexts.records} note={texts.note} />
      <ViewTabs label={texts.views} tabs={tabs} open={view} />
      {view === "gaps" && <GapsView homes={homes} />}
      {view === "rejected" && <RejectedView homes={homes} />}
      {view === "filters" && <FiltersView />}
      {view === "comparison" && <ComparisonView />}
    </>
  );
}
