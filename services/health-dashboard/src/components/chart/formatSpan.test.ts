import { formatSpan } from "@/components/chart/formatSpan";
import { expect, test } from "vitest";

const NOW_MS = Date.parse("2026-11-24T15:00:00Z");
const at = (time: string) => Date.parse(`2026-11-${time}Z`);

test.each([
  ["24T14:05:00", "24T14:10:00", "14:05–14:10"],
  ["23T14:05:00", "23T14:10:00", "23 Nov, 14:05–14:10"],
  ["24T14:05:07", "24T14:05:07", "14:05:07"],
  ["24T14:05:07", "24T14:05:17", "14:05:07–14:05:17"],
  ["23T00:00:00", "24T00:00:00", "Mon 23 Nov"],
])("from %s to %s reads %s", (from, to, words) => {
  expect(formatSpan({ fromMs: at(from), toMs: at(to) }, NOW_MS)).toBe(words);
});

test("a window that has not ended is marked", () => {
  expect(formatSpan({ fromMs: at("24T14:55:00"), toMs: NOW_MS, isPartial: true }, NOW_MS)).toBe("14:55–15:00, so far");
});

test("a window that is cut at its start is complete", () => {
  expect(formatSpan({ fromMs: at("24T14:05:30"), toMs: at("24T14:10:00"), isPartial: true }, NOW_MS)).toBe("14:05–14:10");
});
