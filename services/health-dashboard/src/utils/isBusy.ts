/** Whether events arrive so fast that highlighting each new one would make the page flicker. */
import type { HomeEvent } from "@/types/api";

const MANY = 20;
const WITHIN_MS = 5_000;

/** True if the newest twenty events happened within five seconds; `events` has the newest first. */
export function isBusy(events: readonly HomeEvent[]): boolean {
  const [newest] = events;
  const older = events[MANY - 1];
  return newest !== undefined && older !== undefined && Date.parse(newest.time) - Date.parse(older.time) < WITHIN_MS;
}
