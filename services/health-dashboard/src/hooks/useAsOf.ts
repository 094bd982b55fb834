/** The time of stale data, which the ages within a part of the page are relative to. */
import { createContext, use } from "react";

export const AsOfContext = createContext<number | null>(null);

/** Milliseconds since 1970; null where the data is current. */
export function useAsOf(): number | null {
  return use(AsOfContext);
}
