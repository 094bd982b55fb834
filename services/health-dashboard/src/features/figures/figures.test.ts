import { connection, currentRate, errorRate, eventsInPeriod } from "@/features/figures/figures";
import { aHealthAnswer, aStatsAnswer, NOW, NOW_MS } from "@/test/fixtures";
import type { StatsAnswer } from "@/types/api";
import { expect, test } from "vitest";

const ready = <Data>(data: Data) => ({ data, error: null, retry: () => undefined });
const loading = { data: undefined, error: null, retry: () => undefined };
const failed = { data: undefined, error: new Error("gone"), retry: () => undefined };
const withMetrics = (change: Partial<StatsAnswer["metrics"]>) =>
  ready(aStatsAnswer({ metrics: { ...aStatsAnswer().metrics, ...change } }));

test("the rate now is the stream's last minute", () => {
  const statistics = { timestamp: NOW, total_events: 900, events_per_minute: 60, last_minute: 58 };
  expect(currentRate(statistics, loading)).toEqual({ value: "58", hint: "in the last 60 seconds" });
});

test("without a stream it is the mean of health, and says so", () => {
  expect(currentRate(null, ready(aHealthAnswer()))).toEqual({ value: "60", hint: "mean of the last 5 minutes" });
});

test("a rate that nobody knows is none, and says why", () => {
  const health = aHealthAnswer({ events_per_minute: null });
  health.ingestion_service.event_processing = { ...health.ingestion_service.event_processing, events_per_minute: 0, reason: "away" };
  expect(currentRate(null, ready(health))).toEqual({ value: "–", hint: "away" });
});

test("a rate that a damaged store can't tell says so in short", () => {
  const storage = { is_connected: false, last_error: "long", error_key: "store_damaged" };
  const health = aHealthAnswer({ events_per_minute: null, storage });
  expect(currentRate(null, ready(health))).toEqual({ value: "–", hint: "the store is damaged" });
});

test("what is loading is undefined, what failed is null, never 0", () => {
  expect(eventsInPeriod(loading, NOW_MS)).toBeUndefined();
  expect(eventsInPeriod(failed, NOW_MS)).toBeNull();
});

test("a period that reaches further back than the data says from when it counts", () => {
  const coverage = { start: "2026-11-24T11:40:00.000000+00:00", complete: false };
  expect(eventsInPeriod(ready(aStatsAnswer({ coverage })), NOW_MS)?.hint).toBe("counted since 11:40");
});

test("no writes have no error rate", () => {
  expect(errorRate(withMetrics({ total_writes: 0 }), NOW_MS)?.value).toBe("–");
});

test("failed writes are counted and marked", () => {
  expect(errorRate(withMetrics({ total_writes: 720, write_errors: 14, error_rate_percent: 1.94 }), NOW_MS)).toEqual({
    value: "1.9 %",
    hint: "14 of 720 writes failed",
    tone: "warn",
  });
});

test("a connection says for how long", () => {
  expect(connection(ready(aHealthAnswer()), NOW_MS)).toEqual({ value: "Connected", hint: "for 3 h" });
});

test("a lost connection says when it was last there", () => {
  const health = aHealthAnswer({ socket: { is_connected: false, state: "disconnected" } });
  expect(connection(ready(health), NOW_MS)).toEqual({
    value: "Disconnected",
    tone: "warn",
    hint: "last connected 09:00",
  });
});

test("what was said of now is not repeated when the API is gone", () => {
  const gone = { ...ready(aHealthAnswer()), error: new Error("gone") };
  expect(connection(gone, NOW_MS)).toBeNull();
  expect(currentRate(null, gone)).toBeNull();
});

test("what was said of a period stays, and says as of when", () => {
  const gone = { ...ready(aStatsAnswer()), error: new Error("gone") };
  expect(eventsInPeriod(gone, NOW_MS)).toEqual({ value: "3,580", hint: "as of 12:00" });
});

test("what nobody could say is a dash, never 0", () => {
  const unknown = { total_events: null, events_per_minute: null, total_writes: null, write_errors: null };
  expect(eventsInPeriod(withMetrics(unknown), NOW_MS)).toEqual({ value: "–", hint: "nobody could say how many there were" });
  expect(errorRate(withMetrics(unknown), NOW_MS)).toEqual({
    value: "–",
    hint: "nobody could say how many writes failed",
  });
});
