/** Draws the trend on a canvas, with a tooltip; screen readers get TrendTable instead. */
import { chartOptions, type ChartColours } from "@/features/trend/chartOptions";
import { axisTop, toChartData, type Trend } from "@/features/trend/trendSeries";
import { TrendTip } from "@/features/trend/TrendTip";
import { useElementWidth } from "@/hooks/useElementWidth";
import { useTheme } from "@/hooks/useTheme";
import { useEffect, useRef, useState, type ReactNode } from "react";
import uPlot from "uplot";

const CHART_HEIGHT = 284;

interface TrendChartProps {
  readonly trend: Trend;
}

interface Pointed {
  readonly index: number;
  readonly leftPx: number;
}

export function TrendChart({ trend }: TrendChartProps): ReactNode {
  const [measure, width] = useElementWidth();
  const { seen } = useTheme();
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(null);
  const drawn = useRef(trend);

  useEffect(() => {
    if (!place.current || width === 0) return undefined;
    const look = { width, height: CHART_HEIGHT, font: "11px system-ui, sans-serif", colours: readColours(place.current) };
    const options = chartOptions(look, {
      timeRange: () => [drawn.current.startMs / 1000, drawn.current.endMs / 1000],
      top: () => axisTop(drawn.current.windows.map(({ perMinute }) => perMinute)),
      onPoint: (index, leftPx) => {
        setPointed(index === null ? null : { index, leftPx });
      },
    });
    chart.current = new uPlot(options, aligned(drawn.current), place.current);
    return () => {
      chart.current?.destroy();
      chart.current = null;
    };
  }, [width, seen]);

  useEffect(() => {
    drawn.current = trend;
    chart.current?.setData(aligned(trend));
  }, [trend]);

  const pointedWindow = pointed && trend.windows[pointed.index];
  return (
    <div ref={measure} className="relative h-[284px] overflow-hidden" aria-hidden="true">
      <div ref={place} className="text-accent" />
      {pointedWindow && <TrendTip window={pointedWindow} nowMs={trend.endMs} leftPx={pointed.leftPx} chartWidth={width} />}
    </div>
  );
}

function aligned(trend: Trend): uPlot.AlignedData {
  const { times, whole, growing } = toChartData(trend);
  return [times, whole, growing];
}

/** A canvas takes colours only as values, so the tokens are read where they have become some. */
function readColours(element: HTMLElement): ChartColours {
  const probe = document.createElement("span");
  element.append(probe);
  const read = (token: string) => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  };
  const colours = { line: read("--accent"), fill: read("--accent-soft"), grid: read("--line"), text: read("--ink-faint") };
  probe.remove();
  return colours;
}
