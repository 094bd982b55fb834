/** The last computed situation, read by the header, the banner and the overview. */
import type { Situation } from "@/features/health/problem";
import { describeSituation } from "@/features/health/situation";
import { setFreshness } from "@/lib/freshness";
import { Store } from "@/lib/store";

export const situationStore = new Store<{ readonly situation: Situation }>({
  situation: describeSituation({
    nowMs: 0,
    health: undefined,
    healthError: null,
    healthAtMs: null,
    stream: "connecting",
    isPaused: false,
    alerts: undefined,
    gaps: undefined,
    backfill: null,
    source: undefined,
  }),
});

/** Store the situation if it has changed, and update the freshness of all cards. */
export function publishSituation(situation: Situation): void {
  const { asOfMs, isOutage } = situation;
  setFreshness({ asOfMs, hasBanner: isOutage });
  if (JSON.stringify(situation) !== JSON.stringify(situationStore.get().situation)) situationStore.set({ situation });
}
