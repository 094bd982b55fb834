import { serverClock } from "@/lib/serverClock";
import { expect, test, vi } from "vitest";

test("time continues from the server's, whatever the browser's clock", () => {
  vi.useFakeTimers({ now: 1_000_000 });
  serverClock.noteTime("2026-11-24T12:00:00.000000+00:00");
  vi.advanceTimersByTime(1500);
  expect(new Date(serverClock.now()).toISOString()).toBe("2026-11-24T12:00:01.500Z");
});

test("a time that cannot be read changes nothing", () => {
  vi.useFakeTimers({ now: 0 });
  serverClock.noteTime("2026-11-24T12:00:00Z");
  serverClock.noteTime("soon");
  expect(serverClock.now()).toBe(Date.parse("2026-11-24T12:00:00Z"));
});
