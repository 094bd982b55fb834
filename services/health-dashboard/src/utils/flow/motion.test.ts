// @vitest-environment node
import { motionAt, phaseMs, speedAt, STEP_MS, steadyRate, travelFrames, widthAt } from "@/utils/flow/motion";
import { expect, test } from "vitest";

const LINE = [{ x: 0, y: 0 }, { x: 100, y: 0 }];
const READABLE_PX_PER_S = 75;

test.each([null, 0, -1])("a rate of %s moves nothing", (rate) => {
  expect(motionAt(rate, 100)).toBeNull();
});

test.each([0.1, 1, 6, 60, 600, 6_000, 1_000_000])("at %d a minute a dot is no faster than the eye", (rate) => {
  const motion = motionAt(rate, 300);
  expect(motion && (300 / motion.travelMs) * 1000).toBeLessThanOrEqual(READABLE_PX_PER_S * 1.02);
  expect(motion?.dots).toBeLessThanOrEqual(6);
});

test("a higher rate is faster, up to the limit", () => {
  const speeds = [1, 10, 100, 600, 6_000].map(speedAt);
  expect(speeds).toEqual(speeds.toSorted((a, b) => a - b));
  expect(speedAt(600)).toBe(READABLE_PX_PER_S);
  expect(speedAt(6_000)).toBe(READABLE_PX_PER_S);
});

test.each([
  [6, 10_000],
  [30, 2_000],
  [60, 1_040],
])("at %d a minute one dot departs for each event: every %d ms", (rate, intervalMs) => {
  expect(motionAt(rate, 100)?.intervalMs).toBeCloseTo(intervalMs, -2);
});

test("a rare event is one dot, which then waits", () => {
  const motion = motionAt(6, 100);
  expect(motion?.dots).toBe(1);
  expect(motion?.travelMs).toBeLessThan(motion?.intervalMs ?? 0);
});

test("all times are whole steps", () => {
  for (const rate of [0.3, 7, 61.7, 433]) {
    const motion = motionAt(rate, 137);
    expect([motion?.intervalMs, motion?.travelMs].map((ms) => (ms ?? 1) % STEP_MS)).toEqual([0, 0]);
    expect(motion && phaseMs([{ x: 31, y: 17 }], motion) % STEP_MS).toBe(0);
  }
});

test("a turn leads from one end to the other, and then into the box", () => {
  const frames = travelFrames(LINE, { dots: 1, intervalMs: 100 * STEP_MS, travelMs: 50 * STEP_MS });
  expect(frames[0]).toEqual({ x: 0, y: 0, offset: 0 });
  expect(frames.find(({ offset }) => offset === 0.25)).toEqual({ x: 50, y: 0, offset: 0.25 });
  expect(frames.at(-1)).toEqual({ x: 108, y: 0, offset: 0.5 });
  expect(frames).toHaveLength(51);
});

test("the offsets only grow", () => {
  const motion = motionAt(600, 437);
  const offsets = motion ? travelFrames([{ x: 0, y: 0 }, { x: 437, y: 0 }], motion).map(({ offset }) => offset) : [];
  expect(offsets.length).toBeGreaterThan(2);
  expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
  expect(offsets.at(-1)).toBeLessThanOrEqual(1);
});

test.each([
  [60, 65, 60],
  [60, 90, 90],
  [60, 0, 0],
  [0, 60, 60],
  [60, null, null],
  [null, 60, 60],
])("after a rate of %s, %s is drawn as %s", (before, now, drawn) => {
  expect(steadyRate(before, now)).toBe(drawn);
});

test("a line grows with its rate, up to a limit", () => {
  expect(widthAt(null)).toBe(1.5);
  expect(widthAt(99)).toBe(3.5);
  expect(widthAt(1e9)).toBe(4);
});
