/** Gaps: running backfills, the list, and the form to fetch history. */
import { useFilling } from "@/api/records/getFilling";
import { useGapsPage } from "@/api/records/getGaps";
import { BackfillCard } from "@/features/records/gaps/BackfillCard";
import { FillingCard } from "@/features/records/gaps/FillingCard";
import { GapsCard } from "@/features/records/gaps/GapsCard";
import { RecordsFilters } from "@/features/records/RecordsFilters";
import { readRecordsTime, recordsTimeParameters } from "@/features/records/recordsTime";
import { useNow } from "@/hooks/useNow";
import { useSearchParams } from "@/hooks/address/useSearchParams";
import { asLoadable } from "@/utils/asLoadable";
import type { ReactNode } from "react";

const PER_PAGE = 25;

export function GapsView({ homes }: { readonly homes: readonly string[] }): ReactNode {
  const [search] = useSearchParams();
  const nowMs = useNow();
  const time = readRecordsTime(search);
  const home = search.get("home") ?? undefined;
  const gaps = useGapsPage({ ...recordsTimeParameters(time), home, limit: PER_PAGE, cursor: search.get("cursor") ?? undefined });
  const filling = asLoadable(useFilling());
  const hasSeveralHomes = homes.length > 1;
  return (
    <>
      <FillingCard filling={filling} nowMs={nowMs} hasSeveralHomes={hasSeveralHomes} />
      <GapsCard
        gaps={asLoadable(gaps)}
        filling={filling.data?.filling ?? []}
        nowMs={nowMs}
        hasSeveralHomes={hasSeveralHomes}
        isFiltered={time !== "" || home !== undefined}
        filters={<RecordsFilters homes={homes} />}
      />
      <BackfillCard hasSeveralHomes={hasSeveralHomes} />
    </>
  );
}
