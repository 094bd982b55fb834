import { toBeats, toRuns } from "@/features/heartbeats/heartbeats";
import { NOW_MS, timeAt } from "@/test/fixtures";
import type { HeartbeatSlot } from "@/types/api";
import { expect, test } from "vitest";

const slots = (...states: HeartbeatSlot["state"][]): HeartbeatSlot[] =>
  states.map((state, at) => ({ start: timeAt(NOW_MS + at * 900_000), state, reports: state === "down" ? 0 : 15, expected: 15, failed: 0 }));
const states = (beats: readonly { readonly state: string }[]) => beats.map(({ state }) => state);

test("where there is room, each slot is a beat", () => {
  const beats = toBeats(slots("up", "down", "unknown"), 900, 96);
  expect(states(beats)).toEqual(["up", "down", "unknown"]);
  expect(beats[1]).toMatchObject({ startMs: NOW_MS + 900_000, endMs: NOW_MS + 1_800_000, reports: 0, expected: 15 });
});

test("where there is not, neighbours are one, and no silence is hidden", () => {
  const beats = toBeats(slots("up", "up", "up", "down", "down", "down"), 900, 3);
  expect(states(beats)).toEqual(["up", "degraded", "down"]);
  expect(beats[1]).toMatchObject({ reports: 15, expected: 30, endMs: NOW_MS + 4 * 900_000 });
});

test("an odd number leaves the oldest beat the shorter one", () => {
  const beats = toBeats(slots("degraded", "up", "up"), 900, 2);
  expect(beats.map(({ startMs, endMs }) => endMs - startMs)).toEqual([900_000, 1_800_000]);
});

test("unknown slots do not worsen the merged state", () => {
  expect(states(toBeats(slots("unknown", "up"), 900, 1))).toEqual(["up"]);
});

test("spans join slots of one state", () => {
  const runs = toRuns(toBeats(slots("up", "up", "down", "up"), 900, 96));
  expect(states(runs)).toEqual(["up", "down", "up"]);
  expect(runs[0]).toMatchObject({ startMs: NOW_MS, endMs: NOW_MS + 1_800_000, reports: 30 });
});

test("no slots are no beats", () => {
  expect(toBeats([], 900, 96)).toEqual([]);
  expect(toRuns([])).toEqual([]);
});
