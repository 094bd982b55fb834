/** What was not captured or not stored. */
import { useBackfill } from "@/api/getBackfill";
import { useGaps } from "@/api/getGaps";
import { useRejected } from "@/api/getRejected";
import { PageHeading } from "@/components/PageHeading";
import { toRecords } from "@/features/records/describeRecords";
import { RecordsCard } from "@/features/records/RecordsCard";
import { navigationTexts } from "@/texts/navigation";
import { asLoadable } from "@/utils/asLoadable";
import type { ReactNode } from "react";

export function RecordsPage(): ReactNode {
  const records = toRecords(asLoadable(useGaps()), asLoadable(useRejected()), asLoadable(useBackfill()));
  return (
    <>
      <PageHeading title={navigationTexts.records} />
      <RecordsCard records={records} />
    </>
  );
}
