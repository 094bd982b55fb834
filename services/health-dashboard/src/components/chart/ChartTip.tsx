/** The tooltip at the pointer or keyboard position: time and value of each series. */
import { VALUE_AXIS_PX } from "@/components/chart/chartOptions";
import type { Chart } from "@/components/chart/chartTypes";
import { formatSpan } from "@/components/chart/formatSpan";
import { swatchClass } from "@/components/chart/swatchClass";
import type { ReactNode } from "react";

const WIDTH_PX = 208;

interface ChartTipProps {
  readonly chart: Chart;
  readonly index: number;
  readonly leftPx: number;
  readonly chartWidth: number;
}

export function ChartTip({ chart, index, leftPx, chartWidth }: ChartTipProps): ReactNode {
  const span = chart.spans[index];
  if (!span) return null;
  const left = Math.max(0, Math.min(leftPx + VALUE_AXIS_PX - WIDTH_PX / 2, chartWidth - WIDTH_PX));
  return (
    <div
      className="pointer-events-none absolute top-2 z-10 rounded-lg border border-line-strong bg-surface px-3 py-2 text-xs shadow-card"
      style={{ left, width: WIDTH_PX }}
    >
      <p className="text-ink-faint">{formatSpan(span, chart.endMs)}</p>
      {chart.series.map((series) => (
        <p key={series.label} className="mt-0.5 flex items-center gap-1.5">
          {series.shape !== "text" && <span className={`size-2 shrink-0 rounded-full ${swatchClass(series)}`} />}
          <span className="flex-1 truncate text-ink-soft">{series.label}</span>
          <span className="font-semibold">{(series.format ?? chart.format)(series.values[index] ?? null)}</span>
        </p>
      ))}
    </div>
  );
}
