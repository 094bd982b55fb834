/** Whether an event reached the page long after it happened: it waited in the spool, or its sensor's clock is behind. */

const LATE_MS = 30_000;

/** `nowMs` is the server's time when the event came over the stream. */
export function isLate(time: string, nowMs: number): boolean {
  return nowMs - Date.parse(time) > LATE_MS;
}
