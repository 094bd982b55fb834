/** Why something that is still shown is no longer current, and as of when it was. */
import type { Loadable } from "@/types/loadable";

export interface Stale {
  /** Null where it is not known. */
  readonly asOfMs: number | null;
  readonly reason: string;
}

/** Undefined where the data is current, or there is none. */
export function staleBecause({ data, error, updatedMs = null }: Loadable<unknown>): Stale | undefined {
  return data === undefined || error === null ? undefined : { asOfMs: updatedMs, reason: error.message };
}
