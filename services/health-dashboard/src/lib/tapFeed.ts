/** The live tap from opening to end: the newest few hundred events, rendered four times a second. */
import { Store } from "@/lib/store";
import { Timers } from "@/lib/timers";
import type { TapAnswer, TapEnd, TappedEvent, TapStatus } from "@/types/api";
import { EVERY_EVENT, type EventFilters } from "@/types/eventFilters";

export const MOST_TAPPED = 200;
const FLUSH_MS = 250;
const RETRY_MS = 1_000;
/** The API ends a tap that is not read for ten seconds. */
const GIVE_UP_MS = 10_000;

/** A tapped event with a unique number, because the same event can occur twice. */
export interface TappedRow {
  readonly key: number;
  readonly event: TappedEvent;
}

export interface TapState {
  readonly phase: "closed" | "opening" | "open" | "ended";
  /** The filters of the open or last tap. */
  readonly filters: EventFilters;
  /** Newest first. */
  readonly rows: readonly TappedRow[];
  readonly isPaused: boolean;
  readonly waiting: number;
  readonly remainingS: number | null;
  readonly leftOut: number;
  /** Why the pipeline cannot be read. */
  readonly problem: string | null;
  readonly end: TapEnd | null;
  /** Why the tap could not be opened. */
  readonly error: Error | null;
}

export interface TapHandlers {
  readonly onEvents: (events: TappedEvent[]) => void;
  readonly onStatus: (status: TapStatus) => void;
  readonly onEnd: (reason: TapEnd) => void;
  readonly onError: () => void;
}

export interface TapParts {
  readonly openTap: (filters: EventFilters) => Promise<TapAnswer>;
  /** Reads a tap and returns a function that closes the connection. */
  readonly readTap: (id: string, handlers: TapHandlers) => () => void;
  readonly endTap: (id: string) => Promise<void>;
}

const CLOSED: TapState = {
  phase: "closed",
  filters: EVERY_EVENT,
  rows: [],
  isPaused: false,
  waiting: 0,
  remainingS: null,
  leftOut: 0,
  problem: null,
  end: null,
  error: null,
};

export class TapFeed {
  readonly store = new Store<TapState>(CLOSED);
  readonly #parts: TapParts;
  readonly #timers = new Timers<"flush" | "retry" | "giveUp">();
  #id: string | null = null;
  #close: (() => void) | null = null;
  #newest: readonly TappedRow[] = [];
  #incoming: TappedEvent[] = [];
  #lastKey = 0;
  #openings = 0;

  constructor(parts: TapParts) {
    this.#parts = parts;
  }

  /** Open a tap with these filters. */
  async open(filters: EventFilters): Promise<void> {
    if (this.#id !== null || this.store.get().phase === "opening") return;
    const opening = ++this.#openings;
    this.#newest = [];
    this.store.set({ ...CLOSED, phase: "opening", filters });
    try {
      const tap = await this.#parts.openTap(filters);
      if (opening !== this.#openings) {
        void this.#parts.endTap(tap.id).catch(() => undefined); // the page was left in the meantime
        return;
      }
      this.#id = tap.id;
      this.store.set({ phase: "open", remainingS: tap.remaining_s });
      this.#read(tap.id);
    } catch (error) {
      if (opening === this.#openings) this.store.set({ phase: "closed", error: error instanceof Error ? error : new Error(String(error)) });
    }
  }

  /** End the tap; its events stay visible. */
  readonly end = (): void => {
    const id = this.#id;
    if (id === null) return;
    this.#finish("closed");
    void this.#parts.endTap(id).catch(() => undefined); // it may already have ended
  };

  /** End the tap, because the page is not visible any more. */
  stop(): void {
    this.#openings++;
    this.end();
    this.store.set(CLOSED);
  }

  /** Pause the visible list; new events are counted. */
  readonly pause = (): void => {
    if (!this.store.get().isPaused) this.store.set({ isPaused: true, waiting: 0 });
  };

  /** Show the new events and continue. */
  readonly resume = (): void => {
    this.store.set({ isPaused: false, waiting: 0, rows: this.#newest });
  };

  #read(id: string): void {
    this.#close = this.#parts.readTap(id, {
      onEvents: (events) => {
        this.#heard();
        this.#incoming.push(...events);
        if (!this.#timers.has("flush")) {
          this.#timers.set("flush", FLUSH_MS, () => {
            this.#flush();
          });
        }
      },
      onStatus: ({ remaining_s, left_out, error }) => {
        this.#heard();
        this.store.set({ remainingS: remaining_s, problem: error, ...(left_out !== null && { leftOut: left_out }) });
      },
      onEnd: (reason) => {
        this.#finish(reason);
      },
      onError: () => {
        this.#onLost(id);
      },
    });
  }

  #heard(): void {
    this.#timers.clear("giveUp");
  }

  #onLost(id: string): void {
    if (id !== this.#id) return;
    this.#close = null;
    this.#timers.set("retry", RETRY_MS, () => {
      this.#read(id);
    });
    if (!this.#timers.has("giveUp")) {
      this.#timers.set("giveUp", GIVE_UP_MS, () => {
        this.#finish("lost");
      });
    }
  }

  #finish(reason: TapEnd): void {
    this.#close?.();
    this.#close = null;
    this.#id = null;
    this.#flush();
    this.#timers.clearAll();
    this.store.set({ phase: "ended", end: reason, rows: this.#newest, isPaused: false, waiting: 0, remainingS: null, problem: null });
  }

  #flush(): void {
    this.#timers.clear("flush");
    const incoming = this.#incoming;
    this.#incoming = [];
    if (incoming.length === 0) return;
    const rows = incoming.map((event) => ({ key: ++this.#lastKey, event })).reverse();
    this.#newest = [...rows, ...this.#newest].slice(0, MOST_TAPPED);
    const { isPaused, waiting } = this.store.get();
    if (isPaused) this.store.set({ waiting: waiting + incoming.length });
    else this.store.set({ rows: this.#newest });
  }
}
