import { connection, currentRate, errorRate, eventsInPeriod, waitingEvents } from "@/features/figures/figures";
import { aHealthAnswer, aStatsAnswer, NOW, NOW_MS } from "@/test/fixtures";
import type { StatsAnswer } from "@/types/api";
import { expect, test } from "vitest";

const ready = <Data>(data: Data) => ({ data, error: null, retry: () => undefined });
const loading = { data: undefined, error: null, retry: () => undefined };
const failed = { data: undefined, error: new Error("gone"), retry: () => undefined };
const withMetrics = (change: Partial<StatsAnswer["metrics"]>) =>
  ready(aStatsAnswer({ metrics: { ...aStatsAnswer().metrics, ...change } }));
const statistics = { timestamp: NOW, total_events: 900, events_per_minute: 60, last_minute: 0 };

test("the rate now is the stream's last minute while the store keeps up", () => {
  expect(currentRate({ ...statistics, last_minute: 58 }, ready(aHealthAnswer()))).toEqual({ value: "58", hint: "stored in the last 60 seconds" });
});

test("without a stream it is the mean of health, and is marked as such", () => {
  expect(currentRate(null, ready(aHealthAnswer()))).toEqual({ value: "60", hint: "stored, mean of 5 minutes" });
});

test("during a backlog the rate is that of captured events, not the 0 of the store", () => {
  const health = aHealthAnswer({ events_per_minute: 0, received_per_minute: 177, waiting_events: 12_345 });
  expect(currentRate(statistics, ready(health))).toEqual({ value: "177", hint: "captured, waiting for the store", tone: "warn" });
});

test("during an outage of the store the rate is that of captured events, or unknown", () => {
  const away = { admin_api_status: "degraded", events_per_minute: null } as const;
  expect(currentRate(statistics, ready(aHealthAnswer({ ...away, received_per_minute: 177 })))?.value).toBe("177");
  expect(currentRate(statistics, ready(aHealthAnswer({ ...away, received_per_minute: null })))).toEqual({ value: "–", hint: "unknown at the moment" });
});

test("without captured events none are shown as waiting", () => {
  const health = aHealthAnswer({ admin_api_status: "degraded", events_per_minute: null, received_per_minute: 0 });
  expect(currentRate(null, ready(health))).toEqual({ value: "0", hint: "captured, mean of 5 minutes", tone: "warn" });
});

test("a rate that is not known is none, never 0", () => {
  const health = aHealthAnswer({ events_per_minute: null, received_per_minute: null });
  expect(currentRate(null, ready(health))?.value).toBe("–");
});

test("waiting events are counted, and unknown is not 0", () => {
  const waiting = (waiting_events: number | null, stored_per_minute: number | null) => waitingEvents(ready(aHealthAnswer({ waiting_events, stored_per_minute })));
  expect(waiting(0, 60)).toEqual({ value: "0", hint: "every captured event is stored" });
  expect(waiting(12_345, 900)).toEqual({ value: "12,345", hint: "900 a minute are being stored", tone: "warn" });
  expect(waiting(12_345, 0)).toEqual({ value: "12,345", hint: "kept on disk", tone: "warn" });
  expect(waiting(null, null)?.value).toBe("–");
});

test("a loading value is undefined, a failed one null, never 0", () => {
  expect(eventsInPeriod(loading, NOW_MS)).toBeUndefined();
  expect(eventsInPeriod(failed, NOW_MS)).toBeNull();
});

test("a period that begins before the data shows since when events are counted", () => {
  const coverage = { start: "2026-11-24T11:40:00.000000+00:00", end: "2026-11-24T12:00:00.000000+00:00", complete: false };
  expect(eventsInPeriod(ready(aStatsAnswer({ coverage })), NOW_MS)?.hint).toBe("counted since 11:40");
});

test("no writes have no error rate", () => {
  expect(errorRate(withMetrics({ total_writes: 0 }))?.value).toBe("–");
});

test("failed writes are counted and marked", () => {
  expect(errorRate(withMetrics({ total_writes: 720, write_errors: 14, error_rate_percent: 1.94 }))).toEqual({
    value: "1.9 %",
    hint: "14 of 720 writes failed",
    tone: "warn",
  });
});

test("a connection shows its duration", () => {
  expect(connection(ready(aHealthAnswer()), NOW_MS)).toEqual({ value: "Connected", hint: "for 3 hours" });
});

test.each([
  [0, "1 write, successful"],
  [1, "1 write, failed"],
])("a single write with %d errors has no plural", (errors, hint) => {
  expect(errorRate(withMetrics({ total_writes: 1, write_errors: errors }))?.hint).toBe(hint);
});

test("a lost connection shows its last time", () => {
  const health = aHealthAnswer({ socket: { is_connected: false, state: "disconnected" } });
  expect(connection(ready(health), NOW_MS)).toEqual({ value: "Disconnected", tone: "warn", hint: "last connected 09:00:30" });
});

test("for several homes the number of connected ones is shown", () => {
  const [home] = aHealthAnswer().homes;
  if (home === undefined) throw new Error("no home");
  const homes = [home, { ...home, home: "cabin", state: "disconnected" as const }];
  expect(connection(ready(aHealthAnswer({ homes })), NOW_MS)).toEqual({ value: "1 of 2", hint: "homes connected", tone: "warn" });
});

test("during an outage of the API the last values stay, grey and with their time", () => {
  const gone = <Data>(data: Data) => ({ ...ready(data), error: new Error("gone") });
  expect(connection(gone(aHealthAnswer()), NOW_MS)).toEqual({ value: "Connected", hint: "as of 12:00:30", isStale: true });
  expect(eventsInPeriod(gone(aStatsAnswer()), NOW_MS)).toEqual({ value: "3,580", hint: "as of 12:00:30", isStale: true });
});

test("a value that a source does not have is a dash, never 0", () => {
  const unknown = { total_events: null, events_per_minute: null, total_writes: null, write_errors: null };
  expect(eventsInPeriod(withMetrics(unknown), NOW_MS)).toEqual({ value: "–", hint: "not available from this source" });
  expect(errorRate(withMetrics(unknown))).toEqual({ value: "–", hint: "not available from this source" });
});
