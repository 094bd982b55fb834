/** Formats times and ages in the browser's time zone. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The minimum duration for each unit. */
const DURATIONS = [
  [2 * DAY, DAY, "day"],
  [HOUR, HOUR, "hour"],
  [MINUTE, MINUTE, "minute"],
] as const;

/** An age: `now`, `12 s`, `3 min`, `5 h`, `2 d`. */
export function formatAge(ageMs: number): string {
  if (ageMs < SECOND) return "now"; // also for times slightly in the future
  if (ageMs < MINUTE) return `${Math.floor(ageMs / SECOND)} s`;
  if (ageMs < HOUR) return `${Math.floor(ageMs / MINUTE)} min`;
  if (ageMs < 2 * DAY) return `${Math.floor(ageMs / HOUR)} h`;
  return `${Math.floor(ageMs / DAY)} d`;
}

/** An age in a sentence: `just now`, `12 s ago`. */
export function formatAgo(ageMs: number): string {
  return ageMs < SECOND ? "just now" : `${formatAge(ageMs)} ago`;
}

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const CLOCK_SECONDS = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const DAY_MONTH = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const EXACT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

/** Hours and minutes: `14:05`. */
export function formatClock(ms: number): string {
  return CLOCK.format(ms);
}

/** Hours and minutes, with the day if it is not that of `nowMs`: `23 Nov, 14:05`. */
export function formatMoment(ms: number, nowMs: number): string {
  const day = DAY_MONTH.format(ms);
  return day === DAY_MONTH.format(nowMs) ? formatClock(ms) : `${day}, ${formatClock(ms)}`;
}

/** As `formatMoment`, to the second: `14:05:09`, `23 Nov, 14:05:09`. */
export function formatSecond(ms: number, nowMs: number): string {
  const day = DAY_MONTH.format(ms);
  const time = CLOCK_SECONDS.format(ms);
  return day === DAY_MONTH.format(nowMs) ? time : `${day}, ${time}`;
}

/** A duration in words: `3 minutes`, `27 hours`, `2 days`; rounded down, at least a second. */
export function formatDuration(durationMs: number): string {
  const [, unit, name] = DURATIONS.find(([from]) => durationMs >= from) ?? [0, SECOND, "second"];
  const count = Math.max(1, Math.floor(durationMs / unit));
  return count === 1 ? `1 ${name}` : `${count} ${name}s`;
}

/** Date and time for a tooltip: `24 Nov 2026, 14:05:09`. */
export function formatExact(ms: number): string {
  return EXACT.format(ms);
}

/** A tick of a time axis with ticks every `stepS` seconds: the day at midnight, otherwise the time. */
export function formatTick(seconds: number, stepS: number): string {
  const time = new Date(seconds * SECOND);
  const isMidnight = time.getHours() === 0 && time.getMinutes() === 0;
  return isMidnight || stepS * SECOND >= DAY ? DAY_MONTH.format(time) : CLOCK.format(time);
}
