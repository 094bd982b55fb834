/** Describes a gap: status, reason and result. */
import { gapTexts as texts } from "@/texts/records";
import type { Tone } from "@/components/signs/tones";
import type { Filling, Gap } from "@/types/api";
import { formatPercent } from "@/utils/format/formatNumber";

export interface GapWords {
  readonly status: string;
  readonly tone: Tone;
  readonly reason: string;
  /** What was recovered; for an open gap, that it waits for its history. */
  readonly outcome: string;
  /** `closed 14:32:10`, from a formatted time. */
  readonly ended: (moment: string) => string;
}

const TONES: Readonly<Record<Gap["status"], Tone>> = { open: "warn", closed: "good", partial: "warn" };

/** Gaps that are requested history, where nothing was missed. */
const IS_HISTORY: ReadonlySet<Gap["reason"]> = new Set(["first_start", "requested"]);

/** Describe a gap; `filling` are the gaps that are being filled. */
export function describeGap(gap: Gap, filling: readonly Filling[] = []): GapWords {
  const now = filling.find(({ home, start, reason }) => home === gap.home && start === gap.start && reason === gap.reason);
  const isFetched = IS_HISTORY.has(gap.reason) && gap.status === "closed";
  const parts = [
    now !== undefined && gap.status === "open"
      ? texts.filling(formatPercent(now.done_percent))
      : gap.status === "open" && gap.recovered === 0
        ? texts.waits
        : texts.recovered(gap.recovered),
    ...(gap.known > 0 ? [texts.known(gap.known)] : []),
    ...(gap.entities > 0 ? [texts.entities(gap.entities)] : []),
  ];
  return {
    status: isFetched ? texts.fetched : texts.status[gap.status],
    tone: isFetched ? "info" : TONES[gap.status],
    reason: texts.reasons[gap.reason],
    outcome: parts.join(" · "),
    ended: IS_HISTORY.has(gap.reason) ? texts.fetchedAt : texts.closedAt,
  };
}
