/** One gap: range, reason, status, and what could not be recovered. */
import { Badge } from "@/components/signs/Badge";
import { describeGap } from "@/features/records/gaps/describeGap";
import { GapRemarks } from "@/features/records/gaps/GapRemarks";
import { spanWords } from "@/features/records/spanWords";
import type { Filling, Gap } from "@/types/api";
import { formatDuration, formatExact, formatSecond } from "@/utils/format/formatTime";
import type { ReactNode } from "react";

interface GapRowProps {
  readonly gap: Gap;
  readonly filling: readonly Filling[];
  readonly nowMs: number;
  readonly hasSeveralHomes: boolean;
}

export function GapRow({ gap, filling, nowMs, hasSeveralHomes }: GapRowProps): ReactNode {
  const words = describeGap(gap, filling);
  const [startMs, endMs] = [Date.parse(gap.start), Date.parse(gap.end)];
  return (
    <li className="grid gap-x-4 gap-y-1.5 px-5 py-3.5 sm:grid-cols-[8.5rem_1fr]">
      <div>
        <Badge tone={words.tone}>{words.status}</Badge>
      </div>
      <div className="space-y-1">
        <p className="flex flex-wrap items-baseline gap-x-2 text-sm font-medium">
          <time dateTime={gap.start} title={`${formatExact(startMs)} – ${formatExact(endMs)}`}>
            {spanWords(gap, nowMs)}
          </time>
          <span className="text-xs font-normal text-ink-faint">{formatDuration(endMs - startMs)}</span>
          {hasSeveralHomes && <bdi className="text-xs font-normal text-ink-faint">{gap.home}</bdi>}
        </p>
        <p className="text-sm">{words.reason}</p>
        <p className="text-xs text-ink-soft">
          {words.outcome}
          {gap.closed !== null && ` · ${words.ended(formatSecond(Date.parse(gap.closed), nowMs))}`}
        </p>
        <GapRemarks remarks={gap.lost} names={gap.entity_names} isOpen={gap.status === "partial"} />
      </div>
    </li>
  );
}
