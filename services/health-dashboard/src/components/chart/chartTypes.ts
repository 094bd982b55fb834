/** The model of a chart over time. */

/** The time range of a value; both ends are equal for a moment. */
export interface ChartSpan {
  readonly fromMs: number;
  readonly toMs: number;
  /** Whether the window has not ended, so that its value can still change. */
  readonly isPartial?: boolean;
}

export type ChartTone = "accent" | "good" | "warn" | "bad" | "soft";

/** `text` is not drawn, but is in the tooltip and the table. */
export type ChartShape = "line" | "steps" | "bars" | "text";

export interface ChartSeries {
  readonly label: string;
  /** One value for each span; null where it is unknown, which is drawn as a gap. */
  readonly values: readonly (number | null)[];
  /** Default: `line`. */
  readonly shape?: ChartShape;
  /** Default: `accent`. */
  readonly tone?: ChartTone;
  /** Whether this is the previous period, shifted onto the current one: drawn behind it, dashed. */
  readonly isPrevious?: boolean;
  /** Formats a value with its unit; default: the format of the chart. */
  readonly format?: (value: number | null) => string;
}

export interface Chart {
  /** Title of the chart and its table. */
  readonly label: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly spans: readonly ChartSpan[];
  readonly series: readonly ChartSeries[];
  /** Formats a value with its unit. */
  readonly format: (value: number | null) => string;
  /** Formats a tick of the value axis; default: `format`. */
  readonly formatMark?: (value: number) => string;
  /** Whether the value axis begins at zero (default) or below the lowest value. */
  readonly baseline?: "zero" | "data";
  /** Fixed minimum of the value axis. */
  readonly bottom?: number;
  /** Fixed maximum of the value axis. */
  readonly top?: number;
  /** Lower bound of the maximum. */
  readonly leastTop?: number;
}

export type ChartSize = "large" | "medium" | "small";

export const CHART_HEIGHT: Readonly<Record<ChartSize, number>> = { large: 284, medium: 180, small: 44 };
