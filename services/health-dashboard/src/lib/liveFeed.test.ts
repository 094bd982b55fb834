import { LiveFeed, type StreamHandlers } from "@/lib/liveFeed";
import { anAlert, anEvent, NOW_MS, someEvents, timeAt } from "@/test/fixtures";
import type { Alert, HomeEvent } from "@/types/api";
import type { EventFilters } from "@/types/eventFilters";
import { beforeEach, expect, test, vi } from "vitest";

const STATISTICS = { timestamp: timeAt(0), total_events: 900, events_per_minute: 60, last_minute: 58 };

class World {
  streams: StreamHandlers[] = [];
  closed = 0;
  asked = 0;
  answer: (() => Promise<HomeEvent[]>) | null = null;
  alerts: Alert[] = [];
  recent: HomeEvent[] | Error = someEvents(2);
  filters: EventFilters[] = [];
  readonly feed = new LiveFeed({
    openStream: (handlers, filters) => {
      this.streams.push(handlers);
      this.filters.push(filters);
      return () => {
        this.closed++;
      };
    },
    onAlerts: (alerts) => {
      this.alerts = alerts;
    },
    fetchRecent: () => {
      this.asked++;
      if (this.answer) return this.answer();
      return this.recent instanceof Error ? Promise.reject(this.recent) : Promise.resolve(this.recent);
    },
  });

  get stream(): StreamHandlers {
    const stream = this.streams.at(-1);
    if (!stream) throw new Error("no stream");
    return stream;
  }

  get state() {
    return this.feed.store.get();
  }

  async goLive(): Promise<void> {
    this.feed.start();
    this.stream.onOpen();
    this.stream.onStatistics(STATISTICS);
    await vi.advanceTimersByTimeAsync(0);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});

test("earlier events are loaded before the stream opens", async () => {
  const world = new World();
  world.feed.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(world.state).toMatchObject({ status: "connecting", isLoaded: true });
  expect(world.state.events).toHaveLength(2);
});

test("a stream that sends is live, and the time before it began is fetched", async () => {
  const world = new World();
  await world.goLive();
  expect(world.state.status).toBe("live");
  expect(world.asked).toBe(2);
});

test("an open stream without data, as during an outage of the store, is not live", async () => {
  const world = new World();
  world.recent = new Error("The store does not answer");
  world.feed.start();
  world.stream.onOpen();
  world.stream.onAlerts([]);
  await vi.advanceTimersByTimeAsync(0);
  expect(world.state.status).toBe("offline");
  world.stream.onStatistics(STATISTICS);
  expect(world.state.status).toBe("live");
});

test("the first good poll after failed ones opens the stream again at once", async () => {
  const world = new World();
  world.recent = new Error("The Admin API does not answer");
  world.feed.start();
  for (let times = 0; times < 5; times++) {
    world.stream.onError();
    await vi.advanceTimersByTimeAsync(16_000);
  }
  world.stream.onError(); // the next attempt is half a minute later
  await vi.advanceTimersByTimeAsync(4000);
  const opened = world.streams.length;
  world.recent = someEvents(1);
  await vi.advanceTimersByTimeAsync(2000);
  expect(world.streams).toHaveLength(opened + 1);
});

test("consecutive successful polls do not reopen a failing stream early", async () => {
  const world = new World();
  world.feed.start();
  world.stream.onError();
  world.stream.onError();
  world.stream.onError();
  await vi.advanceTimersByTimeAsync(3900);
  expect(world.streams).toHaveLength(1);
});

test("an instance that stops is followed by the next one, and the page stays live meanwhile", async () => {
  const world = new World();
  await world.goLive();
  world.stream.onReconnect();
  expect(world.closed).toBe(1);
  await vi.advanceTimersByTimeAsync(250);
  expect(world.streams).toHaveLength(2);
  world.stream.onOpen();
  world.stream.onStatistics(STATISTICS);
  await vi.advanceTimersByTimeAsync(0);
  expect(world.state).toMatchObject({ status: "live", statistics: STATISTICS });
});

test("if no instance follows the stopping one, the feed polls", async () => {
  const world = new World();
  await world.goLive();
  world.stream.onReconnect();
  await vi.advanceTimersByTimeAsync(250);
  world.stream.onError();
  expect(world.state.status).toBe("polling");
});

test("hundreds of messages within a quarter of a second are one change", async () => {
  const world = new World();
  await world.goLive();
  let changes = 0;
  world.feed.store.subscribe(() => changes++);
  for (const event of someEvents(100)) world.stream.onEvents([{ ...event, id: `live-${event.id}` }]);
  await vi.advanceTimersByTimeAsync(250);
  expect(changes).toBe(1);
  expect(world.state.events).toHaveLength(100);
});

test("a paused list counts new events; resuming shows them", async () => {
  const world = new World();
  await world.goLive();
  world.feed.pause();
  world.stream.onEvents([anEvent({ id: "fresh", time: timeAt(Date.now() + 1e12) })]);
  await vi.advanceTimersByTimeAsync(250);
  expect(world.state).toMatchObject({ waiting: 1 });
  expect(world.state.events).toHaveLength(2);
  world.feed.resume();
  expect(world.state.events[0]?.id).toBe("fresh");
});

test("alerts are handed on", async () => {
  const world = new World();
  await world.goLive();
  world.stream.onAlerts([anAlert()]);
  expect(world.alerts).toEqual([anAlert()]);
});

test("missed events are fetched", async () => {
  const world = new World();
  await world.goLive();
  world.stream.onMissed();
  expect(world.asked).toBe(3);
});

test("a lost stream is replaced by polling, and its statistics become unknown", async () => {
  const world = new World();
  await world.goLive();
  world.stream.onStatistics(STATISTICS);
  world.stream.onError();
  expect(world.state).toMatchObject({ status: "polling", statistics: null });
  const asked = world.asked;
  world.recent = someEvents(3);
  await vi.advanceTimersByTimeAsync(2000);
  expect(world.asked).toBeGreaterThan(asked);
  expect(world.state.events).toHaveLength(3);
});

test("a lost stream is reopened with growing delays, until it sends", async () => {
  const world = new World();
  world.feed.start();
  world.stream.onError();
  await vi.advanceTimersByTimeAsync(1000);
  expect(world.streams).toHaveLength(2);
  world.stream.onError();
  await vi.advanceTimersByTimeAsync(1999);
  expect(world.streams).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(world.streams).toHaveLength(3);
  world.stream.onOpen();
  world.stream.onStatistics(STATISTICS);
  world.stream.onError();
  await vi.advanceTimersByTimeAsync(1000);
  expect(world.streams).toHaveLength(4);
});

test("a stream that sends again ends the polling", async () => {
  const world = new World();
  world.feed.start();
  world.stream.onError();
  await vi.advanceTimersByTimeAsync(1000);
  world.stream.onOpen();
  world.stream.onStatistics(STATISTICS);
  await vi.advanceTimersByTimeAsync(0);
  const asked = world.asked;
  await vi.advanceTimersByTimeAsync(9000);
  expect(world.asked).toBe(asked);
});

test("a stream without data for ten seconds is replaced", async () => {
  const world = new World();
  await world.goLive();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(world.closed).toBe(1);
  expect(world.state.status).toBe("polling");
});

test("without stream and answers the feed is offline, and recovers by itself", async () => {
  const world = new World();
  world.recent = new Error("The Admin API does not answer");
  world.feed.start();
  world.stream.onError();
  await vi.advanceTimersByTimeAsync(0);
  expect(world.state).toMatchObject({ status: "offline", isLoaded: false, error: world.recent });
  world.recent = someEvents(1);
  await vi.advanceTimersByTimeAsync(2000);
  expect(world.state).toMatchObject({ status: "polling", isLoaded: true, error: null });
});

test("a live stream retries loading earlier events until it succeeds", async () => {
  const world = new World();
  world.recent = new Error("The store does not answer");
  await world.goLive();
  expect(world.state).toMatchObject({ status: "live", isLoaded: false });
  world.recent = someEvents(1);
  await vi.advanceTimersByTimeAsync(2000);
  expect(world.state).toMatchObject({ status: "live", isLoaded: true });
});

test("other filters clear the list, and one stream stays open", async () => {
  const world = new World();
  await world.goLive();
  world.feed.pause();
  world.recent = [anEvent({ id: "a light" })];
  world.feed.setFilters({ domain: "light" });
  expect(world.state).toMatchObject({ events: [], isLoaded: false, isPaused: false, status: "live" });
  await vi.advanceTimersByTimeAsync(0);
  expect(world.state.events.map((event) => event.id)).toEqual(["a light"]);
  expect([world.filters, world.closed]).toEqual([[{}, { domain: "light" }], 1]);
  world.feed.setFilters({ domain: "light" });
  expect(world.streams).toHaveLength(2);
});

test("an answer to the filters of before is not shown", async () => {
  const world = new World();
  let answer: (events: HomeEvent[]) => void = () => undefined;
  const slow = new Promise<HomeEvent[]>((resolve) => {
    answer = resolve;
  });
  world.answer = () => slow;
  world.feed.start();
  world.answer = () => Promise.resolve([]);
  world.feed.setFilters({ area: "Attic" });
  await vi.advanceTimersByTimeAsync(0);
  answer(someEvents(3));
  await vi.advanceTimersByTimeAsync(0);
  expect(world.state).toMatchObject({ isLoaded: true, events: [] });
});

test("an event that arrives late is marked, as long as it is listed", async () => {
  vi.setSystemTime(NOW_MS);
  const world = new World();
  await world.goLive();
  const late = anEvent({ id: "late", time: timeAt(NOW_MS - 60_000) });
  world.stream.onEvents([late, anEvent({ id: "in time", time: timeAt(NOW_MS - 1_000) })]);
  await vi.advanceTimersByTimeAsync(250);
  expect([...world.state.late]).toEqual(["late"]);
  world.stream.onEvents(Array.from({ length: 100 }, (_, at) => anEvent({ id: `new ${at}`, time: timeAt(NOW_MS) })));
  await vi.advanceTimersByTimeAsync(250);
  expect(world.state.late.size).toBe(0);
});

test("a stopped feed leaves no timer and no stream", async () => {
  const world = new World();
  await world.goLive();
  world.stream.onEvents(someEvents(1));
  world.feed.stop();
  expect(vi.getTimerCount()).toBe(0);
  expect(world.closed).toBe(1);
});

test("a stopped feed has no live values, and can be started again", async () => {
  const world = new World();
  await world.goLive();
  world.feed.stop();
  expect(world.state).toMatchObject({ status: "connecting", statistics: null });
  world.feed.start();
  world.stream.onStatistics(STATISTICS);
  expect(world.state.status).toBe("live");
});
