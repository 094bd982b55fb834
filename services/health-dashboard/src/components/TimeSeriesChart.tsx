/** Values over time as a chart with its table: one or several series, the period before behind them. */
import { ChartCanvas } from "@/components/chart/ChartCanvas";
import { ChartLegend } from "@/components/chart/ChartLegend";
import { ChartTable } from "@/components/chart/ChartTable";
import { CHART_HEIGHT, type Chart, type ChartSize } from "@/components/chart/chartTypes";
import type { ReactNode } from "react";

interface TimeSeriesChartProps {
  /** Keep the same object while nothing changes: it is drawn anew with each. */
  readonly chart: Chart;
  /** `small` is a sparkline without axes, tooltip and table: put it beside its value, inside of what opens the large one. */
  readonly size?: ChartSize;
  /** Whether everyone sees the table, below the chart; else only screen readers. */
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
