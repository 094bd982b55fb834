/** Why shown data is stale, and its time. */
import type { Loadable } from "@/types/loadable";

export interface Stale {
  /** Null if it is unknown. */
  readonly asOfMs: number | null;
  readonly reason: string;
}

/** Undefined if the data is current or there is none. */
export function staleBecause({ data, error, updatedMs = null }: Loadable<unknown>): Stale | undefined {
  return data === undefined || error === null ? undefined : { asOfMs: updatedMs, reason: error.message };
}
