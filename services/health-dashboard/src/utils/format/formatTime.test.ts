import { formatDuration, formatSecond, formatAge, formatAgo, formatMoment, formatTick } from "@/utils/format/formatTime";
import { expect, test } from "vitest";

const at = (text: string) => Date.parse(text);

test.each([
  [-5_000, "now"],
  [999, "now"],
  [59_999, "59 s"],
  [60_000, "1 min"],
  [3_600_000, "1 h"],
  [47 * 3_600_000, "47 h"],
  [48 * 3_600_000, "2 d"],
])("an age of %s ms reads %s", (ms, words) => {
  expect(formatAge(ms)).toBe(words);
});

test('a time in the future is "now"', () => {
  expect(formatAgo(-200)).toBe("just now");
});

test("a moment of today has no day", () => {
  expect(formatMoment(at("2026-11-24T09:05:00Z"), at("2026-11-24T12:00:00Z"))).toBe("09:05");
});

test("a moment of another day has its day", () => {
  expect(formatMoment(at("2026-11-23T09:05:00Z"), at("2026-11-24T12:00:00Z"))).toBe("23 Nov, 09:05");
});

test("midnight on the axis is the day that begins", () => {
  expect(formatTick(at("2026-11-24T00:00:00Z") / 1000, 3600)).toBe("24 Nov");
  expect(formatTick(at("2026-11-24T01:00:00Z") / 1000, 3600)).toBe("01:00");
});

test.each([
  [0, "1 second"],
  [42_000, "42 seconds"],
  [60_000, "1 minute"],
  [119_000, "1 minute"],
  [7_200_000, "2 hours"],
  [100_000_000, "27 hours"],
  [172_800_000, "2 days"],
])("a duration of %d ms is %s", (ms, words) => {
  expect(formatDuration(ms)).toBe(words);
});

test("a moment to the second names its day where that is another", () => {
  const nowMs = Date.UTC(2026, 10, 24, 12);
  expect(formatSecond(nowMs - 1000, nowMs)).toBe("11:59:59");
  expect(formatSecond(nowMs - 86_400_000, nowMs)).toBe("23 Nov, 12:00:00");
});
