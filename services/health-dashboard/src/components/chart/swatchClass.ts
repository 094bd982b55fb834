/** The colour of a series in the legend and the tooltip. */
import type { ChartSeries } from "@/components/chart/chartTypes";

const CLASSES = { accent: "bg-accent", good: "bg-good", warn: "bg-warn", bad: "bg-bad", soft: "bg-ink-faint" } as const;

/** Return the CSS class of the swatch of a series. */
export function swatchClass({ tone = "accent", isPrevious = false }: ChartSeries): string {
  return CLASSES[isPrevious ? "soft" : tone];
}
