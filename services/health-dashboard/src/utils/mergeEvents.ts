/** Merges lists of events: without duplicates, newest first, up to a limit. */
import type { HomeEvent } from "@/types/api";

export const MOST_EVENTS = 100;

/** Return the newest events of both lists; a repeated event replaces the earlier one. */
export function mergeEvents(
  known: readonly HomeEvent[],
  incoming: readonly HomeEvent[],
  limit = MOST_EVENTS,
): HomeEvent[] {
  const byId = new Map<string, HomeEvent>();
  for (const event of known) byId.set(event.id, event);
  for (const event of incoming) byId.set(event.id, event);
  return [...byId.values()].sort(newestFirst).slice(0, limit);
}

/** Return how many of the incoming events are not in the list yet. */
export function countNew(known: readonly HomeEvent[], incoming: readonly HomeEvent[]): number {
  const ids = new Set(known.map((event) => event.id));
  const oldest = known.at(-1)?.time ?? "";
  const isFull = known.length >= MOST_EVENTS;
  const fresh = incoming.filter((event) => !ids.has(event.id) && !(isFull && event.time < oldest));
  return new Set(fresh.map((event) => event.id)).size;
}

function newestFirst(a: HomeEvent, b: HomeEvent): number {
  // The API writes every time in UTC with six digits, so text order is time order to the microsecond (Date has milliseconds only).
  if (a.time !== b.time) return a.time < b.time ? 1 : -1;
  return a.id < b.id ? 1 : -1;
}
