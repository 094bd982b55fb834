/** A chart over time with its table: one or several series, and the previous period behind them. */
import { ChartCanvas } from "@/components/chart/ChartCanvas";
import { ChartLegend } from "@/components/chart/ChartLegend";
import { ChartTable } from "@/components/chart/ChartTable";
import { CHART_HEIGHT, type Chart, type ChartSize } from "@/components/chart/chartTypes";
import type { ReactNode } from "react";

interface TimeSeriesChartProps {
  /** Keep the object identity while nothing changes: each new object redraws the chart. */
  readonly chart: Chart;
  /** `small` is a sparkline without axes, tooltip and table: place it beside its value, in the element that opens the large chart. */
  readonly size?: ChartSize;
  /** Whether the table is visible below the chart; otherwise only screen readers read it. */
  readonly isTableVisible?: boolean;
}

export function TimeSeriesChart({ chart, size = "large", isTableVisible = false }: TimeSeriesChartProps): ReactNode {
  const place = (
    <div style={{ height: CHART_HEIGHT[size] }}>
      <ChartCanvas chart={chart} size={size} />
    </div>
  );
  if (size === "small") return place;
  return (
    <>
      <ChartLegend series={chart.series} />
      {place}
      <ChartTable chart={chart} isVisible={isTableVisible} />
    </>
  );
}
