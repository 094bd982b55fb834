/** Compares a tapped event field by field: as sent and as stored. */
import type { TappedEvent } from "@/types/api";

type Point = NonNullable<TappedEvent["point"]>;

export type FieldKind = "same" | "changed" | "derived" | "added" | "leftOut";

export interface ComparedField {
  /** The field of the point, or the path of a value that is not stored. */
  readonly name: string;
  /** Undefined if nothing was sent. */
  readonly sent: unknown;
  /** Undefined if nothing is stored. */
  readonly stored: unknown;
  readonly kind: FieldKind;
}

type Source = readonly string[] | "derived" | "added";

const NEW = "data.new_state";

/** The paths in the event from which each field of the point is taken, in order of preference; empty if it is derived or added. */
const OF_STATES: Readonly<Partial<Record<keyof Point, Source>>> = {
  time: [`${NEW}.last_updated`],
  time_ns: "derived",
  state: [`${NEW}.state`],
  value: "derived",
  old_state: ["data.old_state.state"],
  unit: [`${NEW}.attributes.unit_of_measurement`],
  friendly_name: [`${NEW}.attributes.friendly_name`],
  device_class: [`${NEW}.attributes.device_class`],
  attributes: [`${NEW}.attributes`],
  context_id: [`${NEW}.context.id`, "context.id"],
  context_parent_id: [`${NEW}.context.parent_id`, "context.parent_id"],
  context_user_id: [`${NEW}.context.user_id`, "context.user_id"],
};
const OF_OTHERS: Readonly<Partial<Record<keyof Point, Source>>> = {
  time: ["time_fired"],
  time_ns: "derived",
  data: ["data"],
  old_state: ["data.old_state.state"],
  context_id: ["context.id"],
  context_parent_id: ["context.parent_id"],
  context_user_id: ["context.user_id"],
};
const OF_ALL: readonly (readonly [keyof Point, Source])[] = [
  ["home", "derived"],
  ["event_type", ["event_type"]],
  ["domain", "derived"],
  ["entity_id", ["data.entity_id", `${NEW}.entity_id`]],
];
const BEHIND: readonly (readonly [keyof Point, Source])[] = [
  ["removed", "derived"],
  ["origin", ["origin"]],
  ["origin_kind", "derived"],
  ["area", "added"],
  ["floor", "added"],
  ["labels", "added"],
  ["device", "added"],
  ["integration", "added"],
  ["weather", "added"],
];
/** Parts that are shown as one value if they are not stored. */
const WHOLE = /(^|\.)(attributes|context|old_state)$/;

/** Return the fields, changed ones first; null if there is no point or the payload is not a JSON object. */
export function compareTapped({ raw, point }: TappedEvent): ComparedField[] | null {
  const sent = parsed(raw);
  if (point === null || sent === null) return null;
  const isState = at(sent, NEW) instanceof Object;
  const own = Object.entries(isState ? OF_STATES : OF_OTHERS) as [keyof Point, Source][];
  const used = new Set<string>(["data"].filter(() => point.data !== null));
  const fields = [...OF_ALL, ...own, ...BEHIND].flatMap(([name, source]) => {
    if (typeof source !== "string") for (const place of source) used.add(place);
    return fieldOf(name, source, sent, point) ?? [];
  });
  const left = leaves(sent, "", used).map(([name, value]) => ({ name, sent: value, stored: undefined, kind: "leftOut" as const }));
  return [...fields, ...left];
}

/** Parse a JSON object; null if the text is not one. */
export function parsed(raw: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(raw);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function fieldOf(name: keyof Point, source: Source, sent: Readonly<Record<string, unknown>>, point: Point): ComparedField | null {
  const stored = isNothing(point[name]) ? undefined : point[name];
  const place = typeof source === "string" ? undefined : source.find((each) => !isNothing(at(sent, each)));
  const came = place === undefined ? undefined : at(sent, place);
  if (stored === undefined) return came === undefined ? null : { name, sent: came, stored, kind: "leftOut" };
  if (came === undefined) return { name, sent: came, stored, kind: source === "derived" ? "derived" : "added" };
  return { name, sent: came, stored, kind: isEqual(came, stored) ? "same" : "changed" };
}

/** Return the value at a path such as `data.new_state.state`; undefined if there is none. */
export function at(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((part, key) => (isObject(part) ? part[key] : undefined), value);
}

/** Return the sent values that no field uses, with their paths; null values are omitted. */
function leaves(value: unknown, place: string, used: ReadonlySet<string>): [string, unknown][] {
  if (used.has(place) || isNothing(value)) return [];
  const hasUsedParts = [...used].some((each) => each.startsWith(`${place}.`));
  if (!isObject(value) || (WHOLE.test(place) && !hasUsedParts)) return [[place, value]];
  return Object.entries(value).flatMap(([key, part]) => leaves(part, place === "" ? key : `${place}.${key}`, used));
}

function isEqual(one: unknown, other: unknown): boolean {
  if (!isObject(one) || !isObject(other)) return JSON.stringify(one) === JSON.stringify(other);
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].every((key) => isEqual(one[key], other[key]));
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined || value === false;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
