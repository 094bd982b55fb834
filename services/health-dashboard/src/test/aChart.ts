/** A chart with three windows of a minute. */
import type { Chart } from "@/components/chart/chartTypes";

const START_MS = Date.parse("2026-11-24T12:00:00Z");
const MINUTE_MS = 60_000;

export function aChart(change: Partial<Chart> = {}): Chart {
  const spans = [0, 1, 2].map((at) => ({ fromMs: START_MS + at * MINUTE_MS, toMs: START_MS + (at + 1) * MINUTE_MS }));
  return {
    label: "Events per minute",
    startMs: START_MS,
    endMs: START_MS + 3 * MINUTE_MS,
    spans,
    series: [{ label: "Rate", values: [58, null, 62] }],
    format: (value) => (value === null ? "–" : `${value} per minute`),
    ...change,
  };
}
