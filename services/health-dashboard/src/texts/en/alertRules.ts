/** Texts of the alert rules. */
import type { AlertWatch } from "@/types/api";

/** Unit of the value of a rule; `flag`: true or false. */
type WatchUnit = "percent" | "seconds" | "minutes" | "count" | "flag";

export const ruleTexts = {
  raised: (what: string, isAbove: boolean, limit: string, duration: string) =>
    `Raised when ${what} is ${isAbove ? "above" : "below"} ${limit}${duration}.`,
  raisedFlag: (what: string, duration: string) => `Raised when ${what}${duration}.`,
  forDuration: (duration: string) => ` for ${duration}`,
  cleared: (limit: string, duration: string) => `Cleared when it is ${limit}${duration}.`,
  orLess: (limit: string) => `${limit} or less`,
  orMore: (limit: string) => `${limit} or more`,
  clearedFlag: (duration: string) => `Cleared when this no longer applies${duration}.`,
  over: (duration: string) => `Measured over ${duration}.`,
  factor: (factor: string) => `An entity counts as silent after ${factor} times its usual interval.`,
  entities: (globs: string) => `Watched entities: ${globs}.`,
  watches: {
    error_rate_percent: ["the percentage of failed writes to the store", "percent"],
    success_rate_percent: ["the percentage of successful events", "percent"],
    minutes_without_events: ["the time since the last stored event", "minutes"],
    service_silent_minutes: ["the time since the last report of a service", "minutes"],
    queue_growth: ["the number of events by which a queue grew", "count"],
    lag_s: ["the age of the oldest waiting event", "seconds"],
    open_gaps: ["the number of open gaps", "count"],
    disk_used_percent: ["the used percentage of the disk of DATA_DIR", "percent"],
    silent_entities: ["the number of silent entities", "count"],
    store_unreachable_s: ["the time since the store last answered", "seconds"],
    writes_failing_s: ["the time for which writes have been failing", "seconds"],
    rejected_file_percent: ["the used percentage of the file of rejected events", "percent"],
    token_refused: ["Home Assistant refuses the token", "flag"],
    address_forbidden: ["Home Assistant answers every request with 403", "flag"],
    certificate_refused: ["the certificate of Home Assistant is not trusted", "flag"],
    event_types_missing: ["the token may receive only part of the events", "flag"],
    clock_offset_s: ["the difference between the clocks of Home Assistant and this machine", "seconds"],
  } satisfies Record<AlertWatch, readonly [string, WatchUnit]>,
};
