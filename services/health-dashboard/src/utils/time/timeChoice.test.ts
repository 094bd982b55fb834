import { DEFAULT_PERIOD, readTimeChoice, timeParameters, timeWords, withTimeChoice } from "@/utils/time/timeChoice";
import { expect, test } from "vitest";

const RANGE = { start: "2026-11-23T10:00:00.000Z", end: "2026-11-24T12:30:00.000Z" };
const read = (search: string) => readTimeChoice(new URLSearchParams(search));

test.each([
  ["", "1h"],
  ["period=7d", "7d"],
  ["period=1y&area=Kitchen", "1y"],
  ["start=2026-11-23T10:00:00Z&end=2026-11-24T13:30:00%2B01:00", RANGE],
])("the address %j means %j", (search, choice) => {
  expect(read(search)).toEqual(choice);
});

test.each([
  "period=2h",
  "period=__proto__",
  "period=constructor",
  "period=%3Cscript%3E",
  "period=7d%00",
  "start=2026-11-24T10:00:00Z",
  "start=2026-11-24T10:00:00Z&end=2026-11-24T10:00:00Z",
  "start=2026-11-25T10:00:00Z&end=2026-11-24T10:00:00Z",
  "start=yesterday&end=today",
  "start=1969-01-01T00:00:00Z&end=2026-11-24T10:00:00Z",
  "start=2026-11-24T10:00:00Z&end=%2B200000-01-01T00:00:00Z",
])("the address %j is not understood and means the default", (search) => {
  expect(read(search)).toBe(DEFAULT_PERIOD);
});

test("a choice is written so that it is read again, and other parameters stay", () => {
  const before = new URLSearchParams("area=Kitchen&period=7d");
  for (const choice of ["30d", RANGE, DEFAULT_PERIOD] as const) {
    const written = withTimeChoice(before, choice);
    expect(readTimeChoice(written)).toEqual(choice);
    expect(written.get("area")).toBe("Kitchen");
  }
  expect(withTimeChoice(before, DEFAULT_PERIOD).toString()).toBe("area=Kitchen");
});

test("the API is asked with a period or with a range", () => {
  expect(timeParameters("6h")).toEqual({ period: "6h" });
  expect(timeParameters(RANGE)).toEqual(RANGE);
});

test("a choice in words", () => {
  const now = Date.parse("2026-11-24T15:00:00Z");
  expect(timeWords("90d", now)).toBe("last 90 days");
  expect(timeWords(RANGE, now)).toBe("23 Nov, 10:00 – 12:30");
  expect(timeWords(RANGE, Date.parse("2027-01-01T00:00:00Z"))).toBe("23 Nov 2026, 10:00:00 – 24 Nov 2026, 12:30:00");
});
