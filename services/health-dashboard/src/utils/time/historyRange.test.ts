import { historyRange } from "@/utils/time/historyRange";
import { expect, test } from "vitest";

const NOW = Date.parse("2026-11-24T12:00:00Z");

test.each([
  ["15m", "1m"],
  ["1h", "1m"],
  ["24h", "15m"],
  ["7d", "1h"],
  ["30d", "6h"],
  ["90d", "1d"],
  ["1y", "7d"],
] as const)("%s is drawn in windows of %s", (period, window) => {
  expect(historyRange(period, NOW)).toMatchObject({ window, end: undefined });
});

test("a period begins its length before now, a range at its start", () => {
  expect(historyRange("24h", NOW).start).toBe("2026-11-23T12:00:00.000Z");
  const range = { start: "2016-11-24T00:00:00.000Z", end: "2026-11-24T00:00:00.000Z" };
  expect(historyRange(range, NOW)).toEqual({ ...range, window: "1y", windowMs: 365 * 86_400_000 });
});
