/** The server's clock: ages of events would be wrong by whatever the browser's clock is off. */

let offsetMs = 0;

export const serverClock = {
  /** Notes the time at which an answer was given; `receivedMs` is the browser's time then. */
  noteTime(timestamp: string, receivedMs: number = Date.now()): void {
    const serverMs = Date.parse(timestamp);
    if (Number.isFinite(serverMs)) offsetMs = serverMs - receivedMs;
  },

  /** Milliseconds since 1970 by the server's clock. */
  now(): number {
    return Date.now() + offsetMs;
  },

  /** A moment of the browser's clock by the server's. */
  at(browserMs: number): number {
    return browserMs + offsetMs;
  },
};
