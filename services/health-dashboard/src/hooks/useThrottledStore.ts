/** The state of a store, rerendered at most once per interval: a list that changes faster cannot be read. */
import type { Store } from "@/lib/store";
import { useEffect, useState } from "react";

/** The first change is rendered immediately; later ones together at the end of each `everyMs`. */
export function useThrottledStore<T extends object>(store: Store<T>, everyMs: number): T {
  const [state, setState] = useState(store.get);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let seenAt = -Infinity;
    const show = () => {
      timer = undefined;
      seenAt = performance.now();
      setState(store.get());
    };
    const unsubscribe = store.subscribe(() => {
      timer ??= setTimeout(show, Math.max(0, seenAt + everyMs - performance.now()));
    });
    show(); // for changes before this effect
    return () => {
      unsubscribe();
      clearTimeout(timer);
    };
  }, [store, everyMs]);
  return state;
}
