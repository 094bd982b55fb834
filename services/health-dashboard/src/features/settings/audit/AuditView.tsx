/** The audit log, page by page. */
import { useAudit } from "@/api/access/getAudit";
import { Card } from "@/components/layout/Card";
import { Faces } from "@/components/signs/Faces";
import { Pager } from "@/components/controls/Pager";
import { SkeletonRows } from "@/components/layout/SkeletonRows";
import { RecordsFilters } from "@/features/records/RecordsFilters";
import { readRecordsTime, recordsTimeParameters } from "@/features/records/recordsTime";
import { AuditRow } from "@/features/settings/audit/AuditRow";
import { useNow } from "@/hooks/useNow";
import { useSearchParams } from "@/hooks/address/useSearchParams";
import { auditTexts as texts } from "@/texts/settings";
import { asLoadable } from "@/utils/asLoadable";
import { staleBecause } from "@/utils/time/staleBecause";
import type { ReactNode } from "react";

const PER_PAGE = 50;

export function AuditView(): ReactNode {
  const [search] = useSearchParams();
  const nowMs = useNow();
  const time = readRecordsTime(search);
  const audit = asLoadable(useAudit({ ...recordsTimeParameters(time), limit: PER_PAGE, cursor: search.get("cursor") ?? undefined }));
  return (
    <Card title={texts.title} note={texts.note} staleBecause={staleBecause(audit)}>
      <RecordsFilters homes={[]} />
      <Faces
        source={audit}
        loading={<SkeletonRows rows={8} />}
        isEmpty={({ entries }) => entries.length === 0}
        empty={{ title: texts.emptyTitle, text: time === "" ? texts.emptyAnyText : texts.emptyText }}
      >
        {({ entries, next_cursor: next }) => (
          <>
            <ul aria-label={texts.title} className="divide-y divide-line">
              {entries.map((entry, at) => (
                <AuditRow key={`${entry.time} ${entry.action} ${at}`} entry={entry} nowMs={nowMs} />
              ))}
            </ul>
            <Pager nextCursor={next} />
          </>
        )}
      </Faces>
    </Card>
  );
}
