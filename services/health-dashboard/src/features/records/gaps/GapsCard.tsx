/** The gaps of a time range, page by page. */
import { Badge } from "@/components/signs/Badge";
import { Card } from "@/components/layout/Card";
import { Faces } from "@/components/signs/Faces";
import { Pager } from "@/components/controls/Pager";
import { SkeletonRows } from "@/components/layout/SkeletonRows";
import { GapRow } from "@/features/records/gaps/GapRow";
import { gapTexts as texts } from "@/texts/records";
import type { Filling, GapsAnswer } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import { staleBecause } from "@/utils/time/staleBecause";
import type { ReactNode } from "react";

interface GapsCardProps {
  readonly gaps: Loadable<GapsAnswer>;
  /** The gaps that are being filled. */
  readonly filling: readonly Filling[];
  readonly nowMs: number;
  readonly hasSeveralHomes: boolean;
  /** Whether filters are set. */
  readonly isFiltered: boolean;
  readonly filters: ReactNode;
}

export function GapsCard({ gaps, filling, nowMs, hasSeveralHomes, isFiltered, filters }: GapsCardProps): ReactNode {
  const open = gaps.data?.open ?? 0;
  return (
    <Card
      title={texts.title}
      note={texts.note}
      aside={open > 0 && <Badge tone="warn">{texts.open(open)}</Badge>}
      staleBecause={staleBecause(gaps)}
    >
      {filters}
      <Faces
        source={gaps}
        loading={<SkeletonRows rows={6} />}
        isEmpty={(data) => data.gaps.length === 0}
        empty={{ title: texts.emptyTitle, text: isFiltered ? texts.emptyText : texts.emptyAnyText }}
      >
        {(data) => (
          <>
            <ul aria-label={texts.title} className="divide-y divide-line">
              {data.gaps.map((gap) => (
                <GapRow key={`${gap.home} ${gap.start} ${gap.reason}`} gap={gap} filling={filling} nowMs={nowMs} hasSeveralHomes={hasSeveralHomes} />
              ))}
            </ul>
            <Pager nextCursor={data.next_cursor} />
          </>
        )}
      </Faces>
    </Card>
  );
}
