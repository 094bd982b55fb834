/** Stands where the part of the program that draws charts could not be fetched. */
import { chartTexts } from "@/texts/chart";
import type { ReactNode } from "react";

export function ChartNotLoaded(): ReactNode {
  return <p className="truncate px-5 py-3 text-xs text-ink-faint">{chartTexts.notLoaded}</p>;
}
