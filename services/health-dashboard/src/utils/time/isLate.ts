/** Whether an event was received long after it happened: it waited in the spool, or the clock of its source is behind. */

const LATE_MS = 30_000;

/** `nowMs` is the server's time when the event was received over the stream. */
export function isLate(time: string, nowMs: number): boolean {
  return nowMs - Date.parse(time) > LATE_MS;
}
