/** Whether the tab is visible; a hidden one needs no rendering. */
import { useSyncExternalStore } from "react";

/** Return true while the page is visible. */
export function useIsPageVisible(): boolean {
  return useSyncExternalStore(subscribe, () => document.visibilityState !== "hidden");
}

function subscribe(listener: () => void): () => void {
  document.addEventListener("visibilitychange", listener);
  return () => {
    document.removeEventListener("visibilitychange", listener);
  };
}
