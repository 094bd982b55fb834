/** The server's clock, as ages of events are wrong by whatever the browser's clock is off. */

let offsetMs = 0;

export const serverClock = {
  /** Takes the time that an answer was given at; `receivedMs` is the browser's time then. */
  noteTime(timestamp: string, receivedMs: number = Date.now()): void {
    const serverMs = Date.parse(timestamp);
    if (Number.isFinite(serverMs)) offsetMs = serverMs - receivedMs;
  },

  /** Milliseconds since 1970 by the server's clock. */
  now(): number {
    return Date.now() + offsetMs;
  },
};
