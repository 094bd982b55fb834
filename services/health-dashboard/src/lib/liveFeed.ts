/** The latest events: by the stream, or by polling while there is no stream. */
import { isRefusedQuestion } from "@/lib/http";
import { serverClock } from "@/lib/serverClock";
import { Store } from "@/lib/store";
import { Timers } from "@/lib/timers";
import type { Alert, HomeEvent, StreamStatistics } from "@/types/api";
import { EVERY_EVENT, type EventFilters } from "@/types/eventFilters";
import { isSameFilter } from "@/utils/address/eventFilters";
import { isLate } from "@/utils/time/isLate";
import { countNew, mergeEvents } from "@/utils/mergeEvents";

const FLUSH_MS = 250;
const POLL_MS = 2_000;
// Statistics are sent every second, so a stream without data for this time is broken (a buffering proxy, a laptop after sleep).
const SILENCE_MS = 10_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;
// As the API requests with `retry:`; the new connection reaches another instance.
const RECONNECT_MS = 250;

/** Live: the stream sends what is stored. An open stream without data is not live: the store may be unavailable. */
export type FeedStatus = "connecting" | "live" | "polling" | "offline";

export interface FeedState {
  readonly status: FeedStatus;
  readonly events: readonly HomeEvent[];
  readonly isLoaded: boolean;
  readonly isPaused: boolean;
  /** Number of new events since the feed was paused. */
  readonly waiting: number;
  /** Ids of events that were received over the stream long after they happened. */
  readonly late: ReadonlySet<string>;
  readonly statistics: StreamStatistics | null;
  /** Time at which the list was last complete, by the server's clock. */
  readonly updatedMs: number | null;
  /** Whether the API refuses the filters. Then no events are shown; everything else continues. */
  readonly isRefused: boolean;
  readonly error: Error | null;
}

export interface StreamHandlers {
  readonly onOpen: () => void;
  readonly onEvents: (events: HomeEvent[]) => void;
  readonly onStatistics: (statistics: StreamStatistics) => void;
  readonly onAlerts: (alerts: Alert[]) => void;
  /** Some events were not sent. */
  readonly onMissed: () => void;
  /** The instance is stopping; a new connection reaches another one. */
  readonly onReconnect: () => void;
  readonly onError: () => void;
}

export interface FeedParts {
  /** Opens the stream and returns a function that closes it. Statistics and alerts do not depend on the filters. */
  readonly openStream: (handlers: StreamHandlers, filters: EventFilters) => () => void;
  /** Returns the newest events, newest first. */
  readonly fetchRecent: (filters: EventFilters) => Promise<HomeEvent[]>;
  /** Receives the alerts of the stream. */
  readonly onAlerts: (alerts: Alert[]) => void;
}

const INITIAL: FeedState = {
  status: "connecting",
  events: [],
  isLoaded: false,
  isPaused: false,
  waiting: 0,
  late: new Set(),
  statistics: null,
  updatedMs: null,
  isRefused: false,
  error: null,
};

export class LiveFeed {
  readonly store = new Store<FeedState>(INITIAL);
  readonly #parts: FeedParts;
  #newest: readonly HomeEvent[] = [];
  #incoming: HomeEvent[] = [];
  #late = new Set<string>();
  #filters = EVERY_EVENT;
  #closeStream: (() => void) | null = null;
  #retryMs = FIRST_RETRY_MS;
  #isRunning = false;
  readonly #timers = new Timers<"flush" | "poll" | "retry" | "silence">();

  constructor(parts: FeedParts) {
    this.#parts = parts;
  }

  /** Start to follow the events. */
  start(): void {
    this.#isRunning = true;
    void this.#askOnce();
    this.#open();
  }

  /** Close the stream and cancel all timers; live values become unknown. */
  stop(): void {
    this.#isRunning = false;
    this.store.set({ status: "connecting", statistics: null });
    this.#timers.clearAll();
    this.#closeStream?.();
    this.#closeStream = null;
  }

  /** Pause the visible list; new events are counted. */
  readonly pause = (): void => {
    if (!this.store.get().isPaused) this.store.set({ isPaused: true, waiting: 0 });
  };

  /** Show the new events and continue. */
  readonly resume = (): void => {
    this.store.set({ isPaused: false, waiting: 0, events: this.#newest, late: this.#lateOf(this.#newest) });
  };

  /** Follow events with other filters; the list is cleared. */
  setFilters(filters: EventFilters): void {
    if (isSameFilter(filters, this.#filters)) return;
    this.#filters = filters;
    this.#newest = [];
    this.#incoming = [];
    this.#late = new Set();
    this.store.set({ events: [], isLoaded: false, isPaused: false, waiting: 0, isRefused: false, error: null });
    if (!this.#isRunning) return;
    this.#timers.clearAll();
    void this.#askOnce();
    this.#reopen();
  }

  /** Fetch the newest events now. */
  readonly refresh = (): void => {
    void this.#askOnce();
  };

  #reopen(): void {
    this.#closeStream?.();
    this.#open();
  }

  #open(): void {
    this.#watchSilence();
    const { isRefused } = this.store.get();
    const handlers: StreamHandlers = {
      onOpen: () => {
        this.#onOpen();
      },
      onEvents: (events) => {
        this.#onSpoken();
        if (isRefused) return;
        this.#noteLate(events);
        this.#take(events);
      },
      onStatistics: (statistics) => {
        this.#onSpoken();
        this.store.set({ statistics, updatedMs: serverClock.now() });
      },
      onAlerts: (alerts) => {
        this.#watchSilence();
        this.#parts.onAlerts(alerts);
      },
      onMissed: () => {
        void this.#askOnce();
      },
      onReconnect: () => {
        this.#onReconnect();
      },
      onError: () => {
        this.#onLost();
      },
    };
    this.#closeStream = this.#parts.openStream(handlers, isRefused ? EVERY_EVENT : this.#filters);
  }

  #onOpen(): void {
    void this.#askOnce(); // for events before the stream was opened or while it was interrupted
  }

  /** Events and statistics come from the store, so both mean live. An open connection alone does not. */
  #onSpoken(): void {
    this.#watchSilence();
    this.#retryMs = FIRST_RETRY_MS;
    const { status, error } = this.store.get();
    if (error === null) this.#timers.clear("poll");
    if (status !== "live") this.store.set({ status: "live" });
  }

  /** Open the next stream in place of this one. The status stays live unless that stream fails. */
  #onReconnect(): void {
    this.#closeStream?.();
    this.#closeStream = null;
    this.#timers.set("retry", RECONNECT_MS, () => {
      this.#open();
    });
  }

  #onLost(): void {
    this.#closeStream?.();
    this.#closeStream = null;
    this.#timers.clear("silence");
    const { status } = this.store.get();
    this.store.set({ statistics: null, status: status === "live" ? "polling" : status });
    this.#timers.set("retry", this.#retryMs, () => {
      this.#open();
    });
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
    this.#poll();
  }

  /** The API answers again: open the stream without waiting for the next attempt. */
  #openNow(): void {
    this.#timers.clear("retry");
    this.#retryMs = FIRST_RETRY_MS;
    this.#open();
  }

  #watchSilence(): void {
    this.#timers.set("silence", SILENCE_MS, () => {
      this.#onLost();
    });
  }

  #poll(): void {
    this.#timers.set("poll", POLL_MS, () => {
      void this.#askOnce().then(() => {
        const { status, error } = this.store.get();
        if (this.#isRunning && (status !== "live" || error !== null)) this.#poll();
      });
    });
  }

  async #askOnce(): Promise<void> {
    const filters = this.#filters;
    const outcome = await this.#parts.fetchRecent(filters).catch((error: unknown) => asError(error));
    if (!this.#isRunning || filters !== this.#filters) return;
    const { status } = this.store.get();
    if (isRefusedQuestion(outcome)) {
      if (this.store.get().isRefused) return;
      this.store.set({ error: outcome, isRefused: true });
      this.#reopen(); // a stream without filters provides statistics and alerts
      return;
    }
    if (outcome instanceof Error) {
      this.store.set({ error: outcome, status: status === "live" ? status : "offline" });
      if (!this.#timers.has("poll")) this.#poll();
      return;
    }
    const isOpening = status === "connecting" && this.#closeStream !== null;
    if (this.store.get().error !== null && this.#closeStream === null) this.#openNow();
    this.store.set({ error: null, isLoaded: true, updatedMs: serverClock.now(), status: status === "live" || isOpening ? status : "polling" });
    this.#take(outcome);
    this.#flush();
  }

  #take(events: readonly HomeEvent[]): void {
    this.#incoming.push(...events);
    // One rendering for all events within a quarter of a second, at any rate.
    if (!this.#timers.has("flush")) {
      this.#timers.set("flush", FLUSH_MS, () => {
        this.#flush();
      });
    }
  }

  #noteLate(events: readonly HomeEvent[]): void {
    const nowMs = serverClock.now();
    for (const event of events) if (isLate(event.time, nowMs)) this.#late.add(event.id);
  }

  /** The late events that are still in the list; the same set if nothing has changed. */
  #lateOf(events: readonly HomeEvent[]): ReadonlySet<string> {
    if (this.#late.size === 0) return this.store.get().late.size === 0 ? this.store.get().late : new Set();
    this.#late = new Set(events.filter((event) => this.#late.has(event.id)).map((event) => event.id));
    return this.#late;
  }

  #flush(): void {
    this.#timers.clear("flush");
    const incoming = this.#incoming;
    this.#incoming = [];
    if (incoming.length === 0) return;
    const before = this.#newest;
    this.#newest = mergeEvents(before, incoming);
    const late = this.#lateOf(this.#newest);
    const { isPaused, waiting } = this.store.get();
    if (isPaused) this.store.set({ waiting: waiting + countNew(before, incoming) });
    else this.store.set({ events: this.#newest, late, isLoaded: true });
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
