/** Describes a gap that is being filled. */
import { spanWords } from "@/features/records/spanWords";
import { fillingTexts as texts, gapTexts } from "@/texts/records";
import type { Filling } from "@/types/api";
import { formatSecond } from "@/utils/format/formatTime";

export interface FillingWords {
  readonly title: string;
  readonly progress: string;
  /** Why filling has stopped; null while it continues. */
  readonly problem: string | null;
}

/** Describe it. */
export function describeFilling(filling: Filling, nowMs: number): FillingWords {
  const read =
    filling.entities === 0
      ? [texts.looking]
      : [
          ...(filling.read_until === null ? [] : [texts.until(formatSecond(Date.parse(filling.read_until), nowMs))]),
          texts.entities(filling.entities_done, filling.entities),
          texts.soFar(filling.recovered, filling.known),
        ];
  return {
    title: texts.sentence(gapTexts.reasons[filling.reason], spanWords(filling, nowMs)),
    progress: read.join(" · "),
    problem: problemOf(filling),
  };
}

function problemOf({ is_connected, last_error }: Filling): string | null {
  if (!is_connected) return texts.away;
  return last_error === null ? null : texts.error(last_error);
}
