import { readRecordsTime, recordsTimeParameters, withRecordsTime } from "@/features/records/recordsTime";
import { expect, test } from "vitest";

const RANGE = { start: "2026-11-24T10:00:00.000Z", end: "2026-11-24T12:00:00.000Z" };

test("without a choice every record is listed", () => {
  expect(readRecordsTime(new URLSearchParams())).toBe("");
  expect(recordsTimeParameters("")).toEqual({});
});

test("a period and a free range survive the address", () => {
  for (const time of ["7d", RANGE] as const) {
    expect(readRecordsTime(withRecordsTime(new URLSearchParams("view=rejected"), time))).toEqual(time);
  }
});

test("another time begins at the first page and leaves the other filters", () => {
  const next = withRecordsTime(new URLSearchParams("view=rejected&key=malformed&cursor=abc&start=x&end=y"), "24h");
  expect(next.toString()).toBe("view=rejected&key=malformed&period=24h");
});

test("a range that ends before it starts is ignored, and a period is a start before now", () => {
  expect(readRecordsTime(new URLSearchParams({ start: RANGE.end, end: RANGE.start }))).toBe("");
  expect(recordsTimeParameters("24h")).toEqual({ start: "24h" });
  expect(recordsTimeParameters(RANGE)).toEqual(RANGE);
});
