/** The time range of a list of records. Unlike on other pages, none is selected by default, since records are few. */
import { PERIODS, type FreeRange, type Period } from "@/types/period";

export type RecordsTime = "" | Period | FreeRange;

/** Read the time range from the address; invalid values are ignored. */
export function readRecordsTime(search: URLSearchParams): RecordsTime {
  const [start, end] = [search.get("start"), search.get("end")];
  if (start !== null && end !== null && Date.parse(start) < Date.parse(end)) return { start, end };
  return PERIODS.find((period) => period === search.get("period")) ?? "";
}

/** Return the parameters of the address with another time range, at the first page of the list. */
export function withRecordsTime(search: URLSearchParams, time: RecordsTime): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const name of ["period", "start", "end", "cursor"]) next.delete(name);
  if (typeof time !== "string") {
    next.set("start", time.start);
    next.set("end", time.end);
  } else if (time !== "") {
    next.set("period", time);
  }
  return next;
}

/** Return the parameters `start` and `end` of the API; a period is the start before now. */
export function recordsTimeParameters(time: RecordsTime): { readonly start?: string; readonly end?: string } {
  if (typeof time !== "string") return time;
  return time === "" ? {} : { start: time };
}
