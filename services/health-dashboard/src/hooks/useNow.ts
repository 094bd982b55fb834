/** The server's time, updated every second by one shared timer; it stops while the data of the page is stale. */
import { useAsOf } from "@/hooks/useAsOf";
import { useStore } from "@/hooks/useStore";
import { freshness } from "@/lib/freshness";
import { serverClock } from "@/lib/serverClock";
import { Store } from "@/lib/store";
import { useSyncExternalStore } from "react";

const TICK_MS = 1_000;
const clock = new Store({ nowMs: serverClock.now() });
let listeners = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** Return milliseconds since 1970 for the ages of shown data; while it is stale, the time of the last answer. */
export function useNow(): number {
  const nowMs = useRunningClock();
  const lastAnswerMs = useStore(freshness, (state) => state.asOfMs);
  return useAsOf() ?? lastAnswerMs ?? nowMs;
}

/** Return milliseconds since 1970, also while data is stale. */
export function useRunningClock(): number {
  return useSyncExternalStore(subscribe, () => clock.get().nowMs);
}

function subscribe(listener: () => void): () => void {
  const unsubscribe = clock.subscribe(listener);
  if (listeners++ === 0) {
    tick();
    timer = setInterval(tick, TICK_MS);
  }
  return () => {
    unsubscribe();
    if (--listeners === 0) clearInterval(timer);
  };
}

function tick(): void {
  clock.set({ nowMs: serverClock.now() });
}
