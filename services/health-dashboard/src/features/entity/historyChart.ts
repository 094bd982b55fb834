/** The numbers of an entity as a chart. */
import type { Chart } from "@/components/chart/chartTypes";
import { entityTexts as texts } from "@/texts/entities";
import type { HistoryWindow } from "@/types/api";
import { formatMeasured } from "@/utils/format/formatMeasured";

interface HistoryChartParts {
  readonly label: string;
  readonly windows: readonly HistoryWindow[];
  readonly unit: string | null;
  readonly windowMs: number;
  readonly startMs: number;
  readonly endMs: number;
}

/** The mean as a line, with gaps where it is unknown; minimum and maximum are in tooltip and table. */
export function toHistoryChart({ label, windows, unit, windowMs, startMs, endMs }: HistoryChartParts): Chart {
  const filled = withGaps(windows.filter((window) => window.unit === unit), windowMs);
  const values = (pick: (window: HistoryWindow) => number) => filled.map(({ window }) => (window === null ? null : pick(window)));
  return {
    label,
    startMs,
    endMs,
    spans: filled.map(({ fromMs }) => ({
      fromMs: Math.max(fromMs, startMs),
      toMs: Math.min(fromMs + windowMs, endMs),
      isPartial: fromMs + windowMs > endMs,
    })),
    series: [
      { label: texts.mean, values: values(({ mean }) => mean) },
      { label: texts.min, values: values(({ min }) => min), shape: "text" },
      { label: texts.max, values: values(({ max }) => max), shape: "text" },
    ],
    format: (value) => formatMeasured(value, unit),
    formatMark: (value) => formatMeasured(value, null),
    baseline: "data",
  };
}

/** Whether some values have a unit that cannot be converted to the unit of the chart. */
export function hasOtherUnits(windows: readonly HistoryWindow[], unit: string | null): boolean {
  return windows.some((window) => window.unit !== unit);
}

interface Place {
  readonly fromMs: number;
  readonly window: HistoryWindow | null;
}

function withGaps(windows: readonly HistoryWindow[], windowMs: number): Place[] {
  const places: Place[] = [];
  for (const window of windows) {
    const fromMs = Date.parse(window.time);
    const last = places.at(-1);
    if (last && fromMs > last.fromMs + windowMs) places.push({ fromMs: last.fromMs + windowMs, window: null });
    places.push({ fromMs, window });
  }
  return places;
}
