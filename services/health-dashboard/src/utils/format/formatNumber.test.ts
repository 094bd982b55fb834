import { formatShortRate, formatCount, formatLatency, formatPercent, formatRate } from "@/utils/format/formatNumber";
import { expect, test } from "vitest";

test("counts are grouped", () => {
  expect(formatCount(1234567)).toBe("1,234,567");
});

test.each([
  [0, "0"],
  [0.04, "<0.1"],
  [0.14, "0.1"],
  [9.94, "9.9"],
  [9.96, "10"],
  [1234.5, "1,235"],
])("the rate %s reads %s", (rate, words) => {
  expect(formatRate(rate)).toBe(words);
});

test.each([
  [null, "–"],
  [0, "0 %"],
  [100, "100 %"],
  [0.001, "<0.01 %"],
  [99.999, ">99.99 %"],
  [99.996, ">99.99 %"],
  [99.8, "99.8 %"],
  [1.94, "1.9 %"],
])("the share %s reads %s", (percent, words) => {
  expect(formatPercent(percent)).toBe(words);
});

test.each([
  [null, "–"],
  [0, "0 ms"],
  [0.004, "<0.01 ms"],
  [0.42, "0.42 ms"],
  [3.21, "3.2 ms"],
  [420, "420 ms"],
  [999.6, "1.0 s"],
  [61_000, "61 s"],
])("the latency %s reads %s", (ms, words) => {
  expect(formatLatency(ms)).toBe(words);
});

test.each([
  [null, "–"],
  [59.7, "60"],
  [9_999, "9,999"],
  [28_631, "28.6k"],
  [2_000_000, "2M"],
])("a rate of %s in little room is %s", (rate, text) => {
  expect(formatShortRate(rate)).toBe(text);
});
