/** Keeps the situation up to date. Renders nothing, so its timer rerenders nothing else. */
import { useSituation } from "@/app/useSituation";
import { useLiveFeed } from "@/hooks/useLiveFeed";
import type { ReactNode } from "react";

export function SituationKeeper(): ReactNode {
  useSituation(useLiveFeed());
  return null;
}
