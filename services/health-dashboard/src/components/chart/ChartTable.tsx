/** The numbers of a chart as a table, visible or for screen readers only. */
import type { Chart } from "@/components/chart/chartTypes";
import { formatSpan } from "@/components/chart/formatSpan";
import { chartTexts } from "@/texts/chart";
import { memo, type ReactNode } from "react";

interface ChartTableProps {
  readonly chart: Chart;
  /** Visible; otherwise for screen readers only. */
  readonly isVisible?: boolean;
}

/** Memoized: the pointer moves often, and there can be hundreds of rows. */
export const ChartTable = memo(function ChartTable({ chart, isVisible = false }: ChartTableProps): ReactNode {
  return (
    <div className={isVisible ? "max-h-72 overflow-auto px-5 py-2" : "sr-only"}>
      <table className="w-full text-left text-xs">
        <caption className="sr-only">{chartTexts.caption(chart.label)}</caption>
        <thead className="text-ink-faint">
          <tr>
            <th scope="col" className="py-1 pr-3 font-medium">{chartTexts.time}</th>
            {chart.series.map(({ label }) => (
              <th key={label} scope="col" className="py-1 pr-3 font-medium">{label}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {chart.spans.map((span, at) => (
            <tr key={span.fromMs}>
              <th scope="row" className="py-0.5 pr-3 font-normal text-ink-soft">{formatSpan(span, chart.endMs)}</th>
              {chart.series.map(({ label, values, format = chart.format }) => (
                <td key={label} className="py-0.5 pr-3">{format(values[at] ?? null)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
});
