/** Where the application is, as it moves. */
import { currentPlace, subscribePlace, type Place } from "@/lib/router";
import { useSyncExternalStore } from "react";

export function useLocation(): Place {
  return useSyncExternalStore(subscribePlace, currentPlace);
}
