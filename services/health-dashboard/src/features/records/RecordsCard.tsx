/** What was not captured and what of it was recovered; what was not stored, and why. */
import { Badge } from "@/components/Badge";
import { Card } from "@/components/Card";
import { Faces } from "@/components/Faces";
import { SkeletonRows } from "@/components/SkeletonRows";
import { countWords, fillingWords, gapWords, totalOf, type Records } from "@/features/records/describeRecords";
import { useNow } from "@/hooks/useNow";
import type { Backfill, Gap, RejectedEvent } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import { formatCount, formatPercent } from "@/utils/formatNumber";
import { formatAgo, formatExact } from "@/utils/formatTime";
import { staleBecause } from "@/utils/staleBecause";
import { useId, type ReactNode } from "react";

export function RecordsCard({ records }: { readonly records: Loadable<Records> }): ReactNode {
  const open = records.data?.gaps?.open ?? 0;
  return (
    <Card
      title="Gaps and rejected"
      note="the newest"
      aside={open > 0 && <Badge tone="warn">{`${formatCount(open)} open`}</Badge>}
      staleBecause={staleBecause(records)}
    >
      <div className="min-h-[7rem]">
        <Faces
          source={records}
          loading={<SkeletonRows rows={2} />}
          isEmpty={({ gaps, rejected, filling }) => filling === null && gaps?.gaps.length === 0 && rejected?.events.length === 0}
          empty={{ title: "No gaps, nothing rejected", text: "What could not be captured or stored is listed here." }}
        >
          {(data) => <Lists records={data} />}
        </Faces>
      </div>
    </Card>
  );
}

function Lists({ records: { gaps, rejected, filling } }: { readonly records: Records }): ReactNode {
  const nowMs = useNow();
  return (
    <div>
      {filling !== null && <Filling filling={filling} nowMs={nowMs} />}
      <div className="grid gap-x-4 max-md:divide-y max-md:divide-line md:grid-cols-2">
        <ul aria-label="Gaps" className="divide-y divide-line">
          {!gaps?.gaps.length && <li className="px-5 py-3 text-sm text-ink-faint">{gaps ? "No gaps" : "Gaps are not known"}</li>}
          {gaps?.gaps.map((gap) => (
            <GapRow key={`${gap.home} ${gap.start} ${gap.reason}`} gap={gap} nowMs={nowMs} />
          ))}
        </ul>
        <div>
          <p className="px-5 py-3 text-sm">
            {!rejected?.events.length ? (
              <span className="text-ink-faint">{rejected ? "Nothing rejected" : "Rejected events are not known"}</span>
            ) : (
              `${formatCount(totalOf(rejected.counts))} rejected: ${countWords(rejected.counts)}`
            )}
          </p>
          <ul aria-label="Rejected events" className="divide-y divide-line">
            {rejected?.events.map((event) => (
              <RejectedRow key={event.id} event={event} nowMs={nowMs} />
            ))}
          </ul>
        </div>
      </div>
    </div>
  );
}

function Filling({ filling, nowMs }: { readonly filling: Backfill; readonly nowMs: number }): ReactNode {
  const id = useId();
  return (
    <div className="border-b border-line px-5 py-3 text-sm">
      <p id={id}>{fillingWords(filling, nowMs)}</p>
      <div className="mt-1.5 flex items-center gap-3">
        <progress aria-labelledby={id} max={100} value={filling.done_percent} className="h-1.5 flex-1 appearance-none overflow-hidden rounded-full bg-raised [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-raised [&::-webkit-progress-value]:bg-accent" />
        <span className="text-xs text-ink-faint">{formatPercent(filling.done_percent)}</span>
      </div>
    </div>
  );
}

function GapRow({ gap, nowMs }: { readonly gap: Gap; readonly nowMs: number }): ReactNode {
  return (
    <li className="px-5 py-3 text-sm">
      {gapWords(gap, nowMs)}
      {gap.lost.map((sentence) => (
        <bdi key={sentence} className="block text-xs text-ink-faint">
          {sentence}
        </bdi>
      ))}
    </li>
  );
}

function RejectedRow({ event, nowMs }: { readonly event: RejectedEvent; readonly nowMs: number }): ReactNode {
  const ms = Date.parse(event.time);
  return (
    <li className="flex justify-between gap-3 px-5 py-2 text-xs">
      <bdi className="truncate" title={event.message}>
        {event.message}
      </bdi>
      <span className="whitespace-nowrap text-ink-faint">
        {event.outcome !== null && `replayed: ${event.outcome}, `}
        <time dateTime={event.time} title={formatExact(ms)}>
          {formatAgo(nowMs - ms)}
        </time>
      </span>
    </li>
  );
}
