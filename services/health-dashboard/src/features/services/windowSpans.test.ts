import { windowMs, windowSpans } from "@/features/services/windowSpans";
import { aServiceTrendsAnswer } from "@/test/serviceTrends";
import { expect, test } from "vitest";

test.each([
  ["5m", 300_000],
  ["1h", 3_600_000],
  ["7d", 604_800_000],
])("a window of %s has %s ms", (window, ms) => {
  expect(windowMs(window)).toBe(ms);
});

test("the first and the last window are cut to the time, and the last still grows", () => {
  const spans = windowSpans(aServiceTrendsAnswer());
  expect(spans.map(({ fromMs, toMs, isPartial }) => [new Date(fromMs).toISOString(), new Date(toMs).toISOString(), isPartial])).toEqual([
    ["2026-11-24T11:45:30.000Z", "2026-11-24T11:50:00.000Z", false],
    ["2026-11-24T11:50:00.000Z", "2026-11-24T11:55:00.000Z", false],
    ["2026-11-24T11:55:00.000Z", "2026-11-24T12:00:00.000Z", false],
    ["2026-11-24T12:00:00.000Z", "2026-11-24T12:00:30.000Z", true],
  ]);
});
