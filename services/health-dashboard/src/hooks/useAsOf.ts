/** The time of the data that a part of the page shows, where that is not current: ages within it stand still. */
import { createContext, use } from "react";

export const AsOfContext = createContext<number | null>(null);

/** Milliseconds since 1970; null where the data is current. */
export function useAsOf(): number | null {
  return use(AsOfContext);
}
