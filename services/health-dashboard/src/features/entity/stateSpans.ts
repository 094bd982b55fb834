/** The states of an entity as stretches of time. */
import type { HistoryPoint } from "@/types/api";

export interface StateSpan {
  /** Null where the entity was removed. */
  readonly state: string | null;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Return the stretches of a range, oldest first: a state holds until the next one, and the same state goes on. */
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

/** The states in the order in which they first came, each once. */
export function distinctStates(spans: readonly StateSpan[]): (string | null)[] {
  return [...new Set(spans.map(({ state }) => state))];
}
