/** The time range of the page: in the address, as parameters of the API, and as text. */
import { periodTexts } from "@/texts/period";
import { PERIOD_FACTS, PERIODS, type FreeRange, type Period, type TimeChoice } from "@/types/period";
import { formatExact, formatMoment } from "@/utils/format/formatTime";

export const DEFAULT_PERIOD: Period = "1h";

/** The API stores nothing before 1970 and nothing after 2261. */
const LATEST_MS = Date.UTC(2261, 0);

export function isFreeRange(choice: TimeChoice): choice is FreeRange {
  return typeof choice !== "string";
}

/** Read the choice from the address; invalid values are replaced by the default of the page. */
export function readTimeChoice(search: URLSearchParams, fallback: Period = DEFAULT_PERIOD): TimeChoice {
  const [start, end] = [toTime(search.get("start")), toTime(search.get("end"))];
  if (start !== null && end !== null && start < end) return { start, end };
  return PERIODS.find((period) => period === search.get("period")) ?? fallback;
}

/** Return the address's parameters with another choice; the others stay. */
export function withTimeChoice(search: URLSearchParams, choice: TimeChoice, fallback: Period = DEFAULT_PERIOD): URLSearchParams {
  const changed = new URLSearchParams(search);
  for (const name of ["period", "start", "end"]) changed.delete(name);
  if (isFreeRange(choice)) {
    changed.set("start", choice.start);
    changed.set("end", choice.end);
  } else if (choice !== fallback) {
    changed.set("period", choice);
  }
  return changed;
}

/** Return the parameters `period`, or `start` and `end`, of the API. */
export function timeParameters(choice: TimeChoice): Readonly<Record<string, string>> {
  return isFreeRange(choice) ? { start: choice.start, end: choice.end } : { period: choice };
}

/** `last 7 days`, or both times of a free range. */
export function timeWords(choice: TimeChoice, nowMs: number = Date.now()): string {
  return isFreeRange(choice)
    ? periodTexts.range(boundWords(choice.start, nowMs), boundWords(choice.end, nowMs))
    : periodTexts.last(PERIOD_FACTS[choice].words);
}

function boundWords(time: string, nowMs: number): string {
  const ms = Date.parse(time);
  const isThisYear = new Date(ms).getFullYear() === new Date(nowMs).getFullYear();
  return isThisYear ? formatMoment(ms, nowMs) : formatExact(ms);
}

function toTime(given: string | null): string | null {
  const ms = given === null ? NaN : Date.parse(given);
  return ms >= 0 && ms < LATEST_MS ? new Date(ms).toISOString() : null;
}
