/** A selected part of a store; rerenders only if that part changes. */
import type { Store } from "@/lib/store";
import { useSyncExternalStore } from "react";

/** Return the result of `select`, which must return values of the store itself, so that unchanged values keep their identity. */
export function useStore<T extends object, Part>(store: Store<T>, select: (state: T) => Part): Part {
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}
