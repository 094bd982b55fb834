/** The current outage, shown on every page except the overview, which has it as its heading. */
import { SituationPanel } from "@/features/health/SituationPanel";
import { situationStore } from "@/features/health/situationStore";
import { useLocation } from "@/hooks/address/useLocation";
import { useStore } from "@/hooks/useStore";
import type { ReactNode } from "react";

export function Banner(): ReactNode {
  const situation = useStore(situationStore, (state) => state.situation);
  const { pathname } = useLocation();
  return situation.isOutage && pathname !== "/" ? <SituationPanel situation={situation} heading="h2" /> : null;
}
