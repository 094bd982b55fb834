/** The situation as the page last concluded it: computed in one place, read by the header, the banner and the overview. */
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

/** Sets it where it differs, and tells every card whether its data is current. */
export function publishSituation(situation: Situation): void {
  const { asOfMs, isOutage } = situation;
  setFreshness({ asOfMs, hasBanner: isOutage });
  if (JSON.stringify(situation) !== JSON.stringify(situationStore.get().situation)) situationStore.set({ situation });
}
