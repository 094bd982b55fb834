/** Gaps and rejected events in words. */
import type { Backfill, BackfillAnswer, Gap, GapsAnswer, RejectedAnswer } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import { formatCount } from "@/utils/formatNumber";
import { formatMoment } from "@/utils/formatTime";

export interface Records {
  /** null where they are not known: they are in the store, and rejected events in a file of their own. */
  readonly gaps: GapsAnswer | null;
  readonly rejected: RejectedAnswer | null;
  /** The history that is being fetched; null where none is. */
  readonly filling: Backfill | null;
}

/** The answers as one: there when both have ended, one of them well; with the error of either. */
export function toRecords(
  gaps: Loadable<GapsAnswer>,
  rejected: Loadable<RejectedAnswer>,
  backfill: Loadable<BackfillAnswer>,
): Loadable<Records> {
  const last = backfill.error === null ? backfill.data?.backfill : null;
  const filling = last?.closed === null ? last : null;
  const hasEnded = [gaps, rejected].every(({ data, error }) => data !== undefined || error !== null);
  const isKnown = gaps.data !== undefined || rejected.data !== undefined;
  return {
    data: hasEnded && isKnown ? { gaps: gaps.data ?? null, rejected: rejected.data ?? null, filling } : undefined,
    error: gaps.error ?? rejected.error,
    retry: () => {
      gaps.retry();
      rejected.retry();
      backfill.retry();
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
  const span = spanWords(gap, nowMs);
  if (IS_HISTORY.has(gap.reason) && gap.status !== "open") return `History of ${span} fetched, ${changes(gap.recovered)} recovered`;
  const recovered = gap.status === "open" && gap.recovered === 0 ? "" : `, ${changes(gap.recovered)} recovered`;
  return `Gap ${span} ${ENDS[gap.status]}${recovered}`;
}

/** History that is being fetched: `Fetching the history of 14 Nov, 14:02–14:31 from Home Assistant: 1,204 changes so far`. */
export function fillingWords(filling: Backfill, nowMs: number): string {
  const soFar = filling.recovered === 0 ? "" : `: ${changes(filling.recovered)} so far`;
  return `Fetching the history of ${spanWords(filling, nowMs)} from Home Assistant${soFar}`;
}

/** What was fetched though nothing was missed: the days before the first start. */
const IS_HISTORY: ReadonlySet<Gap["reason"]> = new Set(["first_start", "requested"]);

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

function spanWords({ start, end }: Pick<Gap, "start" | "end">, nowMs: number): string {
  const [startMs, endMs] = [Date.parse(start), Date.parse(end)];
  return `${formatMoment(startMs, nowMs)}–${formatMoment(endMs, startMs)}`; // with its day where that is another
}

function changes(count: number): string {
  return count === 1 ? "1 change" : `${formatCount(count)} changes`;
}
