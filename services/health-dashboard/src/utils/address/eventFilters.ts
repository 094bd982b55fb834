/** The event filters in the address of the page. */
import { EVENT_FILTERS, type EventFilterName, type EventFilters } from "@/types/eventFilters";

/** The maximum length in the API. */
export const LONGEST_FILTER = 255;

/** Return the filters of the address; values too long for the API are cut. */
export function readEventFilters(search: URLSearchParams): EventFilters {
  const found: Partial<Record<EventFilterName, string>> = {};
  for (const name of EVENT_FILTERS) {
    const value = search.get(name)?.replaceAll("\0", "").slice(0, LONGEST_FILTER);
    if (value) found[name] = value;
  }
  return found;
}

/** Return the parameters with one filter changed; an empty one is removed. */
export function withEventFilter(search: URLSearchParams, name: EventFilterName, value: string): URLSearchParams {
  const changed = new URLSearchParams(search);
  if (value === "") changed.delete(name);
  else changed.set(name, value);
  return changed;
}

/** Return the parameters without filters. */
export function withoutEventFilters(search: URLSearchParams): URLSearchParams {
  const changed = new URLSearchParams(search);
  for (const name of EVENT_FILTERS) changed.delete(name);
  return changed;
}

/** Return whether two sets of filters are equal. */
export function isSameFilter(one: EventFilters, other: EventFilters): boolean {
  return EVENT_FILTERS.every((name) => one[name] === other[name]);
}

/** Return whether no filter is set. */
export function isUnfiltered(filters: EventFilters): boolean {
  return isSameFilter(filters, {});
}
