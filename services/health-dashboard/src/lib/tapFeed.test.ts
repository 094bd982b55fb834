import { MOST_TAPPED, TapFeed, type TapHandlers } from "@/lib/tapFeed";
import { aTappedEvent } from "@/test/fixtures";
import type { TapAnswer } from "@/types/api";
import type { EventFilters } from "@/types/eventFilters";
import { beforeEach, expect, test, vi } from "vitest";

class World {
  readonly opened: EventFilters[] = [];
  readonly ended: string[] = [];
  readers: TapHandlers[] = [];
  closed = 0;
  answer: Promise<TapAnswer> = Promise.resolve({ id: "tap-1", ends: "2026-11-24T12:10:00Z", remaining_s: 600 });
  readonly feed = new TapFeed({
    openTap: (filters) => {
      this.opened.push(filters);
      return this.answer;
    },
    readTap: (_, handlers) => {
      this.readers.push(handlers);
      return () => {
        this.closed++;
      };
    },
    endTap: (id) => {
      this.ended.push(id);
      return Promise.resolve();
    },
  });

  get reader(): TapHandlers {
    const reader = this.readers.at(-1);
    if (!reader) throw new Error("nobody reads");
    return reader;
  }

  get state() {
    return this.feed.store.get();
  }

  get titles(): (string | null | undefined)[] {
    return this.state.rows.map(({ event }) => event.point?.state);
  }
}

function states(...given: string[]) {
  return given.map((state) => aTappedEvent({}, { state }));
}

beforeEach(() => {
  vi.useFakeTimers();
});

test("an open tap shows its events, newest first, four times a second", async () => {
  const world = new World();
  await world.feed.open({ domain: "light" });
  expect(world.state).toMatchObject({ phase: "open", remainingS: 600, filters: { domain: "light" } });
  world.reader.onEvents(states("1", "2"));
  world.reader.onEvents(states("3"));
  expect(world.state.rows).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(250);
  expect(world.titles).toEqual(["3", "2", "1"]);
});

test("the number of rows is limited, and each has its own key", async () => {
  const world = new World();
  await world.feed.open({});
  for (let at = 0; at < 5; at++) world.reader.onEvents(states(...Array.from({ length: 100 }, (_, n) => String(n))));
  await vi.advanceTimersByTimeAsync(250);
  expect(world.state.rows).toHaveLength(MOST_TAPPED);
  expect(new Set(world.state.rows.map(({ key }) => key)).size).toBe(MOST_TAPPED);
});

test("a paused list does not change, and counts", async () => {
  const world = new World();
  await world.feed.open({});
  world.feed.pause();
  world.reader.onEvents(states("1", "2"));
  await vi.advanceTimersByTimeAsync(250);
  world.feed.pause();
  expect(world.state).toMatchObject({ rows: [], waiting: 2 });
  world.feed.resume();
  expect(world.titles).toEqual(["2", "1"]);
});

test("its state is updated once a second; unknown values are unchanged", async () => {
  const world = new World();
  await world.feed.open({});
  world.reader.onStatus({ remaining_s: 599, left_out: 3, error: null });
  world.reader.onStatus({ remaining_s: 598, left_out: null, error: "away" });
  expect(world.state).toMatchObject({ remainingS: 598, leftOut: 3, problem: "away" });
});

test("it ends by itself, with the reason", async () => {
  const world = new World();
  await world.feed.open({});
  world.reader.onEvents(states("last"));
  world.reader.onEnd("time_over");
  expect(world.state).toMatchObject({ phase: "ended", end: "time_over", remainingS: null });
  expect(world.titles).toEqual(["last"]);
  expect(world.ended).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test("it can be ended, and opened again", async () => {
  const world = new World();
  await world.feed.open({});
  world.feed.end();
  expect([world.ended, world.closed, world.state.phase]).toEqual([["tap-1"], 1, "ended"]);
  await world.feed.open({ area: "Hall" });
  expect(world.state).toMatchObject({ phase: "open", end: null, rows: [], filters: { area: "Hall" } });
});

test("a lost connection is tried again for as long as the API keeps the tap", async () => {
  const world = new World();
  await world.feed.open({});
  world.reader.onError();
  await vi.advanceTimersByTimeAsync(1000);
  expect(world.readers).toHaveLength(2);
  world.reader.onStatus({ remaining_s: 590, left_out: 0, error: null });
  await vi.advanceTimersByTimeAsync(20_000);
  expect(world.state.phase).toBe("open");
  for (let at = 0; at < 12; at++) {
    world.reader.onError();
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(world.state).toMatchObject({ phase: "ended", end: "lost" });
  expect(vi.getTimerCount()).toBe(0);
});

test("a tap that cannot be opened has the reason", async () => {
  const world = new World();
  world.answer = Promise.reject(new Error("4 taps are open, which is the limit. Close one"));
  await world.feed.open({});
  expect(world.state).toMatchObject({ phase: "closed", error: new Error("4 taps are open, which is the limit. Close one") });
});

test("a tap that opens after the page was left is ended", async () => {
  const world = new World();
  const opening = world.feed.open({});
  world.feed.stop();
  await opening;
  expect([world.ended, world.readers.length, world.state.phase]).toEqual([["tap-1"], 0, "closed"]);
});
