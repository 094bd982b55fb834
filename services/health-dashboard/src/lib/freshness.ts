/** Whether what the page shows is current: the time at which ages stand still, and whether a banner explains why. */
import { Store } from "@/lib/store";

interface Freshness {
  /** When the last answer came, by the server's clock, while there are no newer ones; null while data is current. */
  readonly asOfMs: number | null;
  /** A banner states what is wrong, so no card repeats it. */
  readonly hasBanner: boolean;
}

export const freshness = new Store<Freshness>({ asOfMs: null, hasBanner: false });

/** Sets both; listeners hear of changes alone. */
export function setFreshness(next: Freshness): void {
  const { asOfMs, hasBanner } = freshness.get();
  if (asOfMs !== next.asOfMs || hasBanner !== next.hasBanner) freshness.set(next);
}
