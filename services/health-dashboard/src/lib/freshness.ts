/** Whether the data of the page is current: the time of stale data, and whether a banner explains it. */
import { Store } from "@/lib/store";

interface Freshness {
  /** Time of the last answer by the server's clock, while there are no newer ones; null while data is current. */
  readonly asOfMs: number | null;
  /** A banner shows the problem, so no card repeats it. */
  readonly hasBanner: boolean;
}

export const freshness = new Store<Freshness>({ asOfMs: null, hasBanner: false });

/** Set both; listeners are called only on a change. */
export function setFreshness(next: Freshness): void {
  const { asOfMs, hasBanner } = freshness.get();
  if (asOfMs !== next.asOfMs || hasBanner !== next.hasBanner) freshness.set(next);
}
