/** Checks the range entered in the form before it is sent. */
import { backfillTexts as texts } from "@/texts/records";

export interface RangeErrors {
  readonly start?: string;
  readonly end?: string;
}

export type CheckedRange =
  | { readonly range: { readonly start: string; readonly end: string }; readonly errors: null }
  | { readonly range: null; readonly errors: RangeErrors };

/** Return the range in RFC 3339, or the field and its error; start and end are local times of `datetime-local` inputs. */
export function checkRange(start: string, end: string, nowMs: number): CheckedRange {
  const [startMs, endMs] = [Date.parse(start), Date.parse(end)];
  const errors: { start?: string; end?: string } = {};
  if (Number.isNaN(startMs)) errors.start = texts.missing;
  if (Number.isNaN(endMs)) errors.end = texts.missing;
  else if (endMs > nowMs) errors.end = texts.future;
  else if (endMs <= startMs) errors.end = texts.reversed;
  if (errors.start !== undefined || errors.end !== undefined) return { range: null, errors };
  return { range: { start: new Date(startMs).toISOString(), end: new Date(endMs).toISOString() }, errors: null };
}

const FIELDS: Readonly<Record<string, keyof RangeErrors>> = { start: "start", from: "start", end: "end", to: "end" };

/** Return the API error of the named field; null if none is named. */
export function refusedField(detail: Readonly<Record<string, unknown>>, message: string): RangeErrors | null {
  const field = typeof detail["field"] === "string" ? FIELDS[detail["field"]] : undefined;
  return field === undefined ? null : { [field]: message };
}
