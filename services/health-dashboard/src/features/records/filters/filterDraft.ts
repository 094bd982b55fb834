/** Converts filters between the text of the editor and the API. */
import type { Filters } from "@/types/api";

export const SIDES = ["include", "exclude"] as const;
export const LISTS = ["entities", "domains", "event_types"] as const;

export type Side = (typeof SIDES)[number];
export type List = (typeof LISTS)[number];
/** The name of a list in an error of the API. */
export type FilterField = `${Side}.${List}`;
export type FilterDraft = Readonly<Record<FilterField, string>>;

/** All lists, in display order. */
export const FIELDS: readonly FilterField[] = SIDES.flatMap((side) => LISTS.map((list) => `${side}.${list}` as const));

/** Return the texts of filters, an entry per line. */
export function toDraft(filters: Filters): FilterDraft {
  return Object.fromEntries(SIDES.flatMap((side) => LISTS.map((list) => [`${side}.${list}`, filters[side][list].join("\n")]))) as FilterDraft;
}

/** Return the filters of the texts. Entries are separated by lines or commas; duplicates are removed. */
export function fromDraft(draft: FilterDraft): Filters {
  const side = (name: Side) => ({
    entities: entriesOf(draft[`${name}.entities`]),
    domains: entriesOf(draft[`${name}.domains`]),
    event_types: entriesOf(draft[`${name}.event_types`]),
  });
  return { include: side("include"), exclude: side("exclude") };
}

/** Return whether both filters are equal, ignoring the order of entries. */
export function isSame(one: Filters, other: Filters): boolean {
  const sorted = (filters: Filters) => SIDES.map((side) => LISTS.map((list) => [...filters[side][list]].sort()));
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

/** Return whether all lists are empty. */
export function isEmpty(filters: Filters): boolean {
  return SIDES.every((side) => LISTS.every((list) => filters[side][list].length === 0));
}

/** Return the list named in an error of the API, and the error text; null if none is named. */
export function refusedList(detail: Readonly<Record<string, unknown>>, message: string): { readonly field: FilterField; readonly text: string } | null {
  const field = FIELDS.find((each) => each === detail["field"]);
  if (field === undefined) return null;
  const text = message.startsWith(`${field} `) ? message.slice(field.length + 1) : message;
  return { field, text: text.charAt(0).toUpperCase() + text.slice(1) };
}

function entriesOf(text: string): string[] {
  return [...new Set(text.split(/[\n,]/).map((entry) => entry.trim()))].filter((entry) => entry !== "");
}
