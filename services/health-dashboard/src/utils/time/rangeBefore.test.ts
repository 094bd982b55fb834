import { PERIOD_FACTS, PERIODS } from "@/types/period";
import { rangeBefore } from "@/utils/time/rangeBefore";
import { expect, test } from "vitest";

const NOW_MS = Date.UTC(2026, 10, 24, 12, 0, 30);

test("a period is preceded by one of its length", () => {
  expect(rangeBefore("1h", NOW_MS)).toEqual({ start: "2026-11-24T10:00:30.000Z", end: "2026-11-24T11:00:30.000Z", shiftMs: 3_600_000 });
});

test("a free range, too", () => {
  const range = { start: "2026-11-24T10:00:00.000Z", end: "2026-11-24T10:20:00.000Z" };
  expect(rangeBefore(range, NOW_MS)).toEqual({ start: "2026-11-24T09:40:00.000Z", end: range.start, shiftMs: 1_200_000 });
});

test.each(PERIODS)("the windows of both ranges of %s are cut alike", (period) => {
  expect((rangeBefore(period, NOW_MS).shiftMs / 60_000) % PERIOD_FACTS[period].windowMinutes).toBe(0);
});
