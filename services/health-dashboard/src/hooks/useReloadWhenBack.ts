/** Reloads the page once the Admin API answers: what could not be loaded has another name after an upgrade. */
import { getJson } from "@/lib/http";
import { useEffect } from "react";

const EVERY_MS = 3_000;
/** A reload that did not help is not repeated at once. */
const AT_MOST_EVERY_MS = 60_000;
const NAME = "ha-ingestor.reloaded-at";

/** Does so while `isWanted`; the address has the period and the filters, so the reader finds the same view. */
export function useReloadWhenBack(isWanted: boolean): void {
  useEffect(() => {
    if (!isWanted || Date.now() - lastReload() < AT_MOST_EVERY_MS) return undefined;
    const timer = setInterval(() => {
      getJson("health/live")
        .then(() => {
          sessionStorage.setItem(NAME, String(Date.now()));
          location.reload();
        })
        .catch(() => undefined); // not yet
    }, EVERY_MS);
    return () => {
      clearInterval(timer);
    };
  }, [isWanted]);
}

function lastReload(): number {
  return Number(sessionStorage.getItem(NAME) ?? 0);
}
