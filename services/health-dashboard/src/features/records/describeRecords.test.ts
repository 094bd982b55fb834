import { countWords, fillingWords, gapWords, toRecords, totalOf } from "@/features/records/describeRecords";
import { aBackfill, aGap, aGapsAnswer, aRejectedAnswer, NOW, NOW_MS, timeAt } from "@/test/fixtures";
import { formatClock, formatMoment } from "@/utils/formatTime";
import { expect, test, vi } from "vitest";

const START_MS = NOW_MS - 3_600_000;
const span = `${formatClock(START_MS)}–${formatClock(START_MS + 1_740_000)}`;

test("a gap says from when to when, how it ended and what came back", () => {
  expect(gapWords(aGap({ recovered: 1204 }), NOW_MS)).toBe(`Gap ${span} closed, 1,204 changes recovered`);
  expect(gapWords(aGap({ status: "partial", recovered: 1 }), NOW_MS)).toBe(
    `Gap ${span} closed as far as the history reaches, 1 change recovered`,
  );
});

test("an open gap promises nothing", () => {
  const words = gapWords(aGap({ status: "open", recovered: 0, closed: null }), NOW_MS);
  expect(words).toBe(`Gap ${span} open, its history is still to be read`);
});

test("a gap over days names the days", () => {
  const startMs = NOW_MS - 3 * 86_400_000;
  const words = gapWords(aGap({ start: timeAt(startMs), end: timeAt(NOW_MS - 86_400_000) }), NOW_MS);
  expect(words).toContain(`${formatMoment(startMs, NOW_MS)}–${formatMoment(NOW_MS - 86_400_000, NOW_MS)}`);
});

test("reasons come with their counts, most first", () => {
  const counts = { malformed: 3, missing_field: 1200 };
  expect(countWords(counts)).toBe("missing field 1,200, malformed 3");
  expect(totalOf(counts)).toBe(1203);
});

test("both answers are one: there when both have ended, with the error of either, asked again together", () => {
  const retry = vi.fn();
  const ready = <Data>(data: Data) => ({ data, error: null, retry });
  const loading = { data: undefined, error: null, retry };
  const failed = { data: undefined, error: new Error("gone"), retry };
  const backfill = ready({ backfill: null });
  const [gaps, rejected] = [aGapsAnswer(), aRejectedAnswer()];
  expect(toRecords(ready(gaps), ready(rejected), backfill)).toMatchObject({ data: { gaps, rejected, filling: null }, error: null });
  expect(toRecords(ready(gaps), loading, backfill).data).toBeUndefined();
  expect(toRecords(failed, ready(rejected), backfill)).toMatchObject({ data: { gaps: null, rejected }, error: failed.error });
  const neither = toRecords(failed, failed, backfill);
  expect([neither.data, neither.error?.message]).toEqual([undefined, "gone"]);
  neither.retry();
  expect(retry).toHaveBeenCalledTimes(3);
});

test("history that is fetched is progress and no gap", () => {
  const words = fillingWords(aBackfill(), NOW_MS);
  expect(words).toMatch(/^Fetching the history of 14 Nov, \d\d:\d\d–24 Nov, \d\d:\d\d from Home Assistant: 12,345 changes so far$/);
  expect(fillingWords(aBackfill({ recovered: 0 }), NOW_MS)).toMatch(/from Home Assistant$/);
  const done = gapWords(aGap({ reason: "first_start", recovered: 28_571 }), NOW_MS);
  expect(done).toBe(`History of ${span} fetched, 28,571 changes recovered`);
});

test("a backfill that has ended, or of which nobody knows, is no progress", () => {
  const retry = vi.fn();
  const ready = <Data>(data: Data) => ({ data, error: null, retry });
  const filling = (backfill: Parameters<typeof toRecords>[2]) =>
    toRecords(ready(aGapsAnswer()), ready(aRejectedAnswer()), backfill).data?.filling;
  expect(filling({ data: { backfill: aBackfill() }, error: null, retry })).toEqual(aBackfill());
  expect(filling({ data: { backfill: aBackfill({ status: "closed", closed: NOW }) }, error: null, retry })).toBeNull();
  expect(filling({ data: { backfill: aBackfill() }, error: new Error("gone"), retry })).toBeNull();
  expect(filling({ data: undefined, error: null, retry })).toBeNull();
});
