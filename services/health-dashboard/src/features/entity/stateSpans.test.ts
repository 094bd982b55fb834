import { distinctStates, stateSpans } from "@/features/entity/stateSpans";
import type { HistoryPoint } from "@/types/api";
import { expect, test } from "vitest";

const point = (second: number, state: string | null): HistoryPoint => ({ time: new Date(second * 1000).toISOString(), state, value: null, unit: null });

test("a state holds until the next one, the last until the end", () => {
  expect(stateSpans([point(1, "off"), point(5, "on")], 9_000)).toEqual([
    { state: "off", fromMs: 1_000, toMs: 5_000 },
    { state: "on", fromMs: 5_000, toMs: 9_000 },
  ]);
});

test("a repeated state continues the span, as when only an attribute changed", () => {
  expect(stateSpans([point(1, "on"), point(2, "on"), point(3, "off")], 4_000)).toEqual([
    { state: "on", fromMs: 1_000, toMs: 3_000 },
    { state: "off", fromMs: 3_000, toMs: 4_000 },
  ]);
});

test("a removal is a span without a state", () => {
  const spans = stateSpans([point(1, "on"), point(2, null), point(3, "on")], 4_000);
  expect(spans.map(({ state }) => state)).toEqual(["on", null, "on"]);
  expect(distinctStates(spans)).toEqual(["on", null]);
});

test("no states have no spans", () => {
  expect(stateSpans([], 4_000)).toEqual([]);
});
