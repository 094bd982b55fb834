/** What a chart over time is made of. */

/** A stretch of time that a value stands for; a moment where both ends are the same. */
export interface ChartSpan {
  readonly fromMs: number;
  readonly toMs: number;
  /** The window is longer than this: its value may still change. */
  readonly isPartial?: boolean;
}

export type ChartTone = "accent" | "good" | "warn" | "bad" | "soft";

/** `text` is not drawn: it stands in the tooltip and in the table. */
export type ChartShape = "line" | "steps" | "bars" | "text";

export interface ChartSeries {
  readonly label: string;
  /** One for each span; null where nothing is known, which stays a gap. */
  readonly values: readonly (number | null)[];
  /** `line` unless given. */
  readonly shape?: ChartShape;
  /** `accent` unless given. */
  readonly tone?: ChartTone;
  /** The period before, moved onto this one: drawn behind, dashed and soft. */
  readonly isPrevious?: boolean;
  /** With its unit; the chart's unless given. */
  readonly format?: (value: number | null) => string;
}

export interface Chart {
  /** What it shows, as the name of the chart and of its table. */
  readonly label: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly spans: readonly ChartSpan[];
  readonly series: readonly ChartSeries[];
  /** A value with its unit. */
  readonly format: (value: number | null) => string;
  /** A mark of the axis of values; `format` unless given. */
  readonly formatMark?: (value: number) => string;
  /** Whether the axis of values begins at zero (unless given) or below the lowest value. */
  readonly baseline?: "zero" | "data";
  /** Where the axis of values begins, whatever the values are. */
  readonly bottom?: number;
  /** Where the axis of values ends, whatever the values are. */
  readonly top?: number;
  /** Where it ends at least. */
  readonly leastTop?: number;
}

export type ChartSize = "large" | "medium" | "small";

export const CHART_HEIGHT: Readonly<Record<ChartSize, number>> = { large: 284, medium: 180, small: 44 };
