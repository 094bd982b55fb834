/** Keeps the situation up to date; draws nothing, so that its clock draws nothing anew. */
import { useSituation } from "@/app/useSituation";
import { useLiveFeed } from "@/hooks/useLiveFeed";
import type { ReactNode } from "react";

export function SituationKeeper(): ReactNode {
  useSituation(useLiveFeed());
  return null;
}
