/** The server's clock, because ages would be wrong by the offset of the browser's clock. */

let offsetMs = 0;

export const serverClock = {
  /** Set the clock from the timestamp of an answer; `receivedMs` is the browser's time of receipt. */
  noteTime(timestamp: string, receivedMs: number = Date.now()): void {
    const serverMs = Date.parse(timestamp);
    if (Number.isFinite(serverMs)) offsetMs = serverMs - receivedMs;
  },

  /** Return milliseconds since 1970 by the server's clock. */
  now(): number {
    return Date.now() + offsetMs;
  },

  /** Convert a time of the browser's clock to the server's clock. */
  at(browserMs: number): number {
    return browserMs + offsetMs;
  },
};
