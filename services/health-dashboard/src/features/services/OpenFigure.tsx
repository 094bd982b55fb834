/** The large chart of a figure, with an optional table. */
import { Button } from "@/components/controls/Button";
import type { Chart } from "@/components/chart/chartTypes";
import { TimeSeriesChart } from "@/components/TimeSeriesChart";
import { servicesTexts as texts } from "@/texts/services";
import { formatDuration } from "@/utils/format/formatTime";
import { useState, type ReactNode } from "react";

interface OpenFigureProps {
  readonly id: string;
  readonly chart: Chart;
  readonly windowMs: number;
  readonly onClose: () => void;
}

export function OpenFigure({ id, chart, windowMs, onClose }: OpenFigureProps): ReactNode {
  const [isTable, setIsTable] = useState(false);
  return (
    <div id={id} className="border-t border-line pt-3 pb-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-5 pb-1">
        <h3 className="text-sm font-medium">{chart.label}</h3>
        <span className="flex-1 text-xs text-ink-faint">{texts.window(formatDuration(windowMs))}</span>
        <label className="inline-flex items-center gap-1.5 text-xs text-ink-soft">
          <input
            type="checkbox"
            checked={isTable}
            onChange={(event) => {
              setIsTable(event.target.checked);
            }}
          />
          {texts.table}
        </label>
        <Button icon="cross" onClick={onClose}>
          {texts.close}
        </Button>
      </div>
      <TimeSeriesChart chart={chart} isTableVisible={isTable} />
    </div>
  );
}
