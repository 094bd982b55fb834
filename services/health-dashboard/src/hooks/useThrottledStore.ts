/** A store's state, drawn anew at most once in a while: nobody reads a list that changes four times a second. */
import type { Store } from "@/lib/store";
import { useEffect, useState } from "react";

/** The first change is seen at once; those that follow within `everyMs` together, at its end. */
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
    show(); // what changed before this effect
    return () => {
      unsubscribe();
      clearTimeout(timer);
    };
  }, [store, everyMs]);
  return state;
}
