/** The colour of a series outside of the canvas. */
import type { ChartSeries } from "@/components/chart/chartTypes";

const CLASSES = { accent: "bg-accent", good: "bg-good", warn: "bg-warn", bad: "bg-bad", soft: "bg-ink-faint" } as const;

/** The class of its swatch. */
export function swatchClass({ tone = "accent", isPrevious = false }: ChartSeries): string {
  return CLASSES[isPrevious ? "soft" : tone];
}
