/** Why something that is still shown is no longer fresh. */
import type { Loadable } from "@/types/loadable";

/** The error's words while old data is shown; undefined where all is well or nothing is shown. */
export function staleBecause(source: Loadable<unknown>): string | undefined {
  return source.data === undefined ? undefined : source.error?.message;
}
