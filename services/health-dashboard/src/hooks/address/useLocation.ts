/** The current location of the router, rerendering on changes. */
import { currentPlace, subscribePlace, type Place } from "@/lib/router";
import { useSyncExternalStore } from "react";

export function useLocation(): Place {
  return useSyncExternalStore(subscribePlace, currentPlace);
}
