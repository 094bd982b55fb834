/** One figure of a service: its value, a sparkline, and a button that opens the chart. */
import type { Chart } from "@/components/chart/chartTypes";
import { Icon } from "@/components/signs/Icon";
import { TimeSeriesChart } from "@/components/TimeSeriesChart";
import type { Figure, FigureValue } from "@/features/services/serviceFigures";
import { servicesTexts as texts } from "@/texts/services";
import type { ReactNode } from "react";

interface FigureTileProps {
  readonly figure: Figure;
  readonly value: FigureValue;
  readonly chart: Chart;
  readonly isOpen: boolean;
  /** The id of the element that it opens. */
  readonly controls: string;
  readonly onToggle: () => void;
}

export function FigureTile({ figure, value, chart, isOpen, controls, onToggle }: FigureTileProps): ReactNode {
  const { label, note } = texts.figures[figure];
  return (
    <button
      type="button"
      aria-expanded={isOpen}
      aria-controls={isOpen ? controls : undefined}
      onClick={onToggle}
      className="group relative block bg-surface px-3 pt-3 pb-1 text-left -outline-offset-2 hover:bg-raised aria-expanded:bg-raised"
    >
      <span className="flex items-baseline justify-between gap-2 px-1 text-xs text-ink-soft">
        {label}
        <span className="text-2xs text-ink-faint">{note}</span>
      </span>
      <span className={`flex items-center gap-1.5 px-1 text-lg font-semibold tracking-tight ${value.isWarning ? "text-warn" : ""}`}>
        {value.isWarning && <Icon name="alert" className="size-4" />}
        {value.text}
      </span>
      <TimeSeriesChart chart={chart} size="small" />
      <span className="absolute inset-x-0 bottom-0 h-0.5 bg-accent opacity-0 group-aria-expanded:opacity-100" />
    </button>
  );
}
