/** The result of a preview: a sentence, and for each rule the number of events, the entities and the newest events. */
import { Notice } from "@/components/signs/Notice";
import { DroppedRule } from "@/features/records/filters/DroppedRule";
import { serverClock } from "@/lib/serverClock";
import { filterTexts as texts } from "@/texts/records";
import type { FilterPreviewAnswer } from "@/types/api";
import { formatCount, formatPercent } from "@/utils/format/formatNumber";
import { formatSecond } from "@/utils/format/formatTime";
import type { ReactNode } from "react";

export function PreviewResult({ preview }: { readonly preview: FilterPreviewAnswer }): ReactNode {
  const dropped = preview.events - preview.kept;
  return (
    <div className="space-y-3">
      <Notice tone={dropped === 0 ? "good" : "info"}>
        <p className="font-medium">{sentenceOf(preview, dropped)}</p>
        {!preview.complete && <p>{texts.partly(formatSecond(Date.parse(preview.start), serverClock.now()))}</p>}
        <p className="text-xs text-ink-soft">{texts.already}</p>
      </Notice>
      <ul className="space-y-3">
        {preview.dropped.map((rule) => (
          <DroppedRule key={rule.rule} dropped={rule} events={preview.events} />
        ))}
      </ul>
    </div>
  );
}

function sentenceOf({ events }: FilterPreviewAnswer, dropped: number): string {
  if (events === 0) return texts.noEvents;
  if (dropped === 0) return texts.nothing(texts.events(events));
  return texts.result(formatCount(dropped), texts.events(events), formatPercent((100 * dropped) / events));
}
