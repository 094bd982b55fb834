/** Reloads the page when the Admin API answers again: after an upgrade, files that could not be loaded have other names. */
import { getJson } from "@/lib/http";
import { useEffect } from "react";

const EVERY_MS = 3_000;
/** A reload without success is not repeated immediately. */
const AT_MOST_EVERY_MS = 60_000;
const NAME = "ha-ingestor.reloaded-at";

/** Reload while `isWanted`; the address has period and filters, so the view is kept. */
export function useReloadWhenBack(isWanted: boolean): void {
  useEffect(() => {
    if (!isWanted || Date.now() - lastReload() < AT_MOST_EVERY_MS) return undefined;
    const timer = setInterval(() => {
      getJson("health/live")
        .then(() => {
          sessionStorage.setItem(NAME, String(Date.now()));
          location.reload();
        })
        .catch(() => undefined); // the API does not answer yet
    }, EVERY_MS);
    return () => {
      clearInterval(timer);
    };
  }, [isWanted]);
}

function lastReload(): number {
  return Number(sessionStorage.getItem(NAME) ?? 0);
}
