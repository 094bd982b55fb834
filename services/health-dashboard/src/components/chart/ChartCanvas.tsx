/** Draws a chart with uPlot, with a tooltip for pointer and arrow keys. */
import { chartColumns, chartData } from "@/components/chart/chartData";
import { chartOptions } from "@/components/chart/chartOptions";
import { valueRange } from "@/components/chart/chartScale";
import { ChartTip } from "@/components/chart/ChartTip";
import { CHART_HEIGHT, type Chart, type ChartSize } from "@/components/chart/chartTypes";
import { formatSpan } from "@/components/chart/formatSpan";
import { readColours } from "@/components/chart/readColours";
import { useElementWidth } from "@/hooks/browser/useElementWidth";
import { useIsPageVisible } from "@/hooks/browser/useIsPageVisible";
import { useTheme } from "@/hooks/browser/useTheme";
import { chartTexts } from "@/texts/chart";
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import uPlot from "uplot";

const FONT = "11px system-ui, sans-serif";
const NO_POINT = { index: -1, leftPx: 0 };

interface ChartCanvasProps {
  readonly chart: Chart;
  readonly size: ChartSize;
}

export function ChartCanvas({ chart, size }: ChartCanvasProps): ReactNode {
  const [measure, width] = useElementWidth();
  const { seen } = useTheme();
  const isPageVisible = useIsPageVisible();
  const [pointed, setPointed] = useState(NO_POINT);
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const drawn = useRef(chart);
  const structure = chartColumns(chart).map(({ series: { label, shape, tone } }) => [label, shape, tone]).join("|");
  const isDrawn = width > 0 && isPageVisible;

  useEffect(() => {
    if (isPageVisible) drawn.current = chart;
  }, [chart, isPageVisible]);

  useEffect(() => {
    if (!place.current || !isDrawn) return undefined;
    const look = {
      size,
      width: place.current.clientWidth,
      height: CHART_HEIGHT[size],
      font: FONT,
      colours: readColours(place.current),
      paths: { steps: uPlot.paths.stepped?.({ align: 1 }), bars: uPlot.paths.bars?.({ size: [0.8, 48], radius: 0.1 }) },
    };
    const made = new uPlot(
      chartOptions(chartColumns(drawn.current), look, {
        timeRange: () => [drawn.current.startMs / 1000, drawn.current.endMs / 1000],
        valueRange: () => valueRange(drawn.current),
        formatMark: (value) => (drawn.current.formatMark ?? drawn.current.format)(value),
        onPoint: (index, leftPx) => {
          setPointed(index === null ? NO_POINT : { index, leftPx });
        },
      }),
      chartData(drawn.current),
      place.current,
    );
    plot.current = made;
    return () => {
      made.destroy();
      plot.current = null;
    };
  }, [isDrawn, seen, size, structure]);

  useEffect(() => {
    if (isPageVisible) plot.current?.setData(chartData(chart));
  }, [chart, isPageVisible]);

  useEffect(() => {
    if (width > 0) plot.current?.setSize({ width, height: CHART_HEIGHT[size] });
  }, [width, size]);

  const point = (index: number) => {
    const { spans } = chart;
    const at = Math.max(0, Math.min(index, spans.length - 1));
    const span = spans[at];
    if (!span || !plot.current) return;
    const leftPx = plot.current.valToPos((span.fromMs + span.toMs) / 2000, "x");
    plot.current.setCursor({ left: leftPx, top: 0 }, false);
    setPointed({ index: at, leftPx });
  };

  if (size === "small") return <div ref={measure} aria-hidden="true" className="h-11 overflow-hidden"><div ref={place} /></div>;
  const span = chart.spans[pointed.index];
  const words = chart.series.map(({ label, values, format = chart.format }) => `${label} ${format(values[pointed.index] ?? null)}`);
  return (
    <div
      ref={measure}
      className="relative overflow-hidden rounded-md -outline-offset-2"
      style={{ height: CHART_HEIGHT[size] }}
      role="slider"
      tabIndex={0}
      aria-label={chartTexts.timeOf(chart.label)}
      aria-valuemin={0}
      aria-valuemax={Math.max(0, chart.spans.length - 1)}
      aria-valuenow={Math.max(0, pointed.index)}
      aria-valuetext={span ? `${formatSpan(span, chart.endMs)}: ${words.join(", ")}` : chartTexts.noTime}
      onKeyDown={(event) => {
        moveByKey(event, pointed.index, chart.spans.length, point);
      }}
      onBlur={() => {
        plot.current?.setCursor({ left: -10, top: -10 }, false);
        setPointed(NO_POINT);
      }}
    >
      <div ref={place} />
      {span && <ChartTip chart={chart} index={pointed.index} leftPx={pointed.leftPx} chartWidth={width} />}
    </div>
  );
}

function moveByKey(event: KeyboardEvent, index: number, count: number, point: (index: number) => void): void {
  const from = index === -1 ? count : index;
  const page = Math.max(1, Math.round(count / 10));
  const targets: Readonly<Record<string, number>> = {
    ArrowLeft: from - 1,
    ArrowDown: from - 1,
    ArrowRight: from + 1,
    ArrowUp: from + 1,
    PageDown: from - page,
    PageUp: from + page,
    Home: 0,
    End: count - 1,
  };
  const target = targets[event.key];
  if (target === undefined) return;
  event.preventDefault();
  point(target);
}
