/** The legend of a chart with several series. */
import type { ChartSeries } from "@/components/chart/chartTypes";
import { swatchClass } from "@/components/chart/swatchClass";
import type { ReactNode } from "react";

export function ChartLegend({ series }: { readonly series: readonly ChartSeries[] }): ReactNode {
  const drawn = series.filter(({ shape }) => shape !== "text");
  if (drawn.length < 2) return null;
  return (
    <ul aria-hidden="true" className="flex flex-wrap gap-x-4 gap-y-1 px-5 pt-1 text-xs text-ink-soft">
      {drawn.map((one) => (
        <li key={one.label} className="flex items-center gap-1.5">
          <span className={`h-0.5 w-4 rounded-full ${swatchClass(one)} ${one.isPrevious === true ? "opacity-60" : ""}`} />
          {one.label}
        </li>
      ))}
    </ul>
  );
}
