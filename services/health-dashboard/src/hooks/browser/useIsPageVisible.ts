/** Whether the tab is seen: nothing needs to be drawn in one that is not. */
import { useSyncExternalStore } from "react";

/** True while the page is visible. */
export function useIsPageVisible(): boolean {
  return useSyncExternalStore(subscribe, () => document.visibilityState !== "hidden");
}

function subscribe(listener: () => void): () => void {
  document.addEventListener("visibilitychange", listener);
  return () => {
    document.removeEventListener("visibilitychange", listener);
  };
}
