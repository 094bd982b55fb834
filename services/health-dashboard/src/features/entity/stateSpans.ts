/** The states of an entity as time spans. */
import type { HistoryPoint } from "@/types/api";

export interface StateSpan {
  /** Null if the entity was removed. */
  readonly state: string | null;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Return the spans of a range, oldest first. A state lasts until the next one; equal consecutive states are merged. */
export function stateSpans(points: readonly HistoryPoint[], endMs: number): StateSpan[] {
  const spans: StateSpan[] = [];
  for (const { time, state } of points) {
    const fromMs = Date.parse(time);
    const last = spans.at(-1);
    if (last?.state === state) continue;
    if (last) spans[spans.length - 1] = { ...last, toMs: fromMs };
    spans.push({ state, fromMs, toMs: Math.max(endMs, fromMs) });
  }
  return spans;
}

/** Return the distinct states in the order of their first occurrence. */
export function distinctStates(spans: readonly StateSpan[]): (string | null)[] {
  return [...new Set(spans.map(({ state }) => state))];
}
