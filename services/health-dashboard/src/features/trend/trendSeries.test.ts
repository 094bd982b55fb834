import { toTrend } from "@/features/trend/trendSeries";
import { aStatsAnswer } from "@/test/fixtures";
import { expect, test } from "vitest";

const at = (clock: string) => `2026-11-24T${clock}.000000+00:00`;
const rates = (answer: Parameters<typeof toTrend>[0]) => toTrend(answer).windows.map(({ perMinute }) => perMinute);

test("the rate of the current window is that of its elapsed part", () => {
  const trends = [
    { time: at("11:59:00"), count: 60 },
    { time: at("12:00:00"), count: 30 },
  ];
  expect(rates(aStatsAnswer({ trends }))).toEqual([60, 60]); // 30 events in the half minute until 12:00:30
});

test("the first window counts from where the period begins", () => {
  expect(rates(aStatsAnswer({ trends: [{ time: at("11:00:00"), count: 30 }] }))).toEqual([60]);
});

test("counts are divided by the window's width", () => {
  expect(rates(aStatsAnswer({ period: "6h", trends: [{ time: at("10:00:00"), count: 50 }] }))).toEqual([10]);
});

test("a window before the data begins, or in which it begins, is unknown, not nothing", () => {
  const coverage = { start: at("11:58:30"), end: "2026-11-24T12:00:00.000000+00:00", complete: false };
  const trends = [
    { time: at("11:57:00"), count: 0 },
    { time: at("11:58:00"), count: 20 },
    { time: at("11:59:00"), count: 0 },
  ];
  expect(rates(aStatsAnswer({ trends, coverage }))).toEqual([null, null, 0]);
});

test("the window in which capture began, with the states that it found, is drawn only while there is no other", () => {
  const coverage = { start: at("12:00:15"), end: "2026-11-24T12:00:00.000000+00:00", complete: false };
  expect(rates(aStatsAnswer({ trends: [{ time: at("12:00:00"), count: 20 }], coverage }))).toEqual([80]);
});

test("the axis begins with the period, or with the data where that is later", () => {
  const start = (change: Parameters<typeof aStatsAnswer>[0]) => new Date(toTrend(aStatsAnswer(change)).startMs).toISOString();
  expect(start({})).toBe("2026-11-24T11:00:30.000Z");
  expect(start({ coverage: { start: at("11:40:00"), end: "2026-11-24T12:00:00.000000+00:00", complete: false } })).toBe("2026-11-24T11:40:00.000Z");
  expect(start({ coverage: { start: at("12:00:00"), end: "2026-11-24T12:00:00.000000+00:00", complete: false } })).toBe("2026-11-24T11:50:30.000Z");
});

test("the start of counting is shown only if it is after the start of the period", () => {
  expect(toTrend(aStatsAnswer()).countedFromMs).toBeNull();
  const coverage = { start: at("11:40:00"), end: "2026-11-24T12:00:00.000000+00:00", complete: false };
  expect(toTrend(aStatsAnswer({ coverage })).countedFromMs).toBe(Date.parse(at("11:40:00")));
});

test("no data at all is unknown throughout", () => {
  const coverage = { start: null, end: "2026-11-24T12:00:00.000000+00:00", complete: false };
  expect(rates(aStatsAnswer({ coverage }))).toEqual([null, null, null]);
});

test("too small a part of a window makes no rate", () => {
  const answer = aStatsAnswer({ timestamp: at("12:00:05"), trends: [{ time: at("12:00:00"), count: 9 }] });
  expect(rates(answer)).toEqual([null]);
});

test("a window without a known count has no rate", () => {
  const trends = [
    { time: at("11:58:00"), count: null },
    { time: at("11:59:00"), count: 60 },
  ];
  expect(rates(aStatsAnswer({ trends }))).toEqual([null, 60]);
});
