/** Gaps and rejected events in words. */
import type { Gap, GapsAnswer, RejectedAnswer } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import { formatCount } from "@/utils/formatNumber";
import { formatClock, formatMoment } from "@/utils/formatTime";

export interface Records {
  readonly gaps: GapsAnswer;
  readonly rejected: RejectedAnswer;
}

/** Both answers as one: there when both are, with the error of either. */
export function toRecords(gaps: Loadable<GapsAnswer>, rejected: Loadable<RejectedAnswer>): Loadable<Records> {
  const isLoaded = gaps.data !== undefined && rejected.data !== undefined;
  return {
    data: isLoaded ? { gaps: gaps.data, rejected: rejected.data } : undefined,
    error: gaps.error ?? rejected.error,
    retry: () => {
      gaps.retry();
      rejected.retry();
    },
  };
}

const ENDS: Readonly<Record<Gap["status"], string>> = {
  open: "open, its history is still to be read",
  closed: "closed",
  partial: "closed as far as the history reaches",
};

/** One gap: `Gap 14:02–14:31 closed, 1,204 changes recovered`. */
export function gapWords(gap: Gap, nowMs: number): string {
  const span = `${formatMoment(Date.parse(gap.start), nowMs)}–${endWords(gap, nowMs)}`;
  const recovered = gap.status === "open" && gap.recovered === 0 ? "" : `, ${changes(gap.recovered)} recovered`;
  return `Gap ${span} ${ENDS[gap.status]}${recovered}`;
}

/** How many were rejected for which reasons, most first: `missing field 12, malformed 3`. */
export function countWords(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([key, count]) => `${key.replaceAll("_", " ")} ${formatCount(count)}`)
    .join(", ");
}

/** The number of all that were rejected. */
export function totalOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function endWords(gap: Gap, nowMs: number): string {
  const [startMs, endMs] = [Date.parse(gap.start), Date.parse(gap.end)];
  const isSameDay = new Date(startMs).toDateString() === new Date(endMs).toDateString();
  return isSameDay ? formatClock(endMs) : formatMoment(endMs, nowMs);
}

function changes(count: number): string {
  return count === 1 ? "1 change" : `${formatCount(count)} changes`;
}
