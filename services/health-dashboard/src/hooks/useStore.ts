/** A part of a store, kept fresh; draws again only when that part changes. */
import type { Store } from "@/lib/store";
import { useSyncExternalStore } from "react";

/** What `select` picks; it gives back the store's own values, so that the same stays the same. */
export function useStore<T extends object, Part>(store: Store<T>, select: (state: T) => Part): Part {
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}
