/** The filters of events in the address of the page. */
import { EVENT_FILTERS, type EventFilterName, type EventFilters } from "@/types/eventFilters";

/** The API takes no more. */
export const LONGEST_FILTER = 255;

/** The filters that the address names; what the API would refuse is cut to what it takes. */
export function readEventFilters(search: URLSearchParams): EventFilters {
  const found: Partial<Record<EventFilterName, string>> = {};
  for (const name of EVENT_FILTERS) {
    const value = search.get(name)?.replaceAll("\0", "").slice(0, LONGEST_FILTER);
    if (value) found[name] = value;
  }
  return found;
}

/** The same address with one filter changed; an empty one is left out. */
export function withEventFilter(search: URLSearchParams, name: EventFilterName, value: string): URLSearchParams {
  const changed = new URLSearchParams(search);
  if (value === "") changed.delete(name);
  else changed.set(name, value);
  return changed;
}

/** The same address without any filter. */
export function withoutEventFilters(search: URLSearchParams): URLSearchParams {
  const changed = new URLSearchParams(search);
  for (const name of EVENT_FILTERS) changed.delete(name);
  return changed;
}

/** Whether two sets of filters let the same events pass. */
export function isSameFilter(one: EventFilters, other: EventFilters): boolean {
  return EVENT_FILTERS.every((name) => one[name] === other[name]);
}

/** Whether nothing is left out. */
export function isUnfiltered(filters: EventFilters): boolean {
  return isSameFilter(filters, {});
}
