import { openStream } from "@/api/events/openStream";
import { FakeApi, FakeEventSource } from "@/test/fakeApi";
import { anAlert, someEvents } from "@/test/fixtures";
import { beforeEach, expect, test, vi } from "vitest";

const handlers = () => ({
  onOpen: vi.fn(),
  onEvents: vi.fn(),
  onStatistics: vi.fn(),
  onAlerts: vi.fn(),
  onMissed: vi.fn(),
  onReconnect: vi.fn(),
  onError: vi.fn(),
});

beforeEach(() => {
  new FakeApi().install();
});

test("events, statistics and alerts are distinguished", () => {
  const told = handlers();
  openStream(told);
  FakeEventSource.last.send("events", someEvents(2));
  FakeEventSource.last.send("statistics", { last_minute: 3 });
  FakeEventSource.last.send("alerts", [anAlert()]);
  FakeEventSource.last.send("missed", {});
  expect(told.onAlerts).toHaveBeenCalledExactlyOnceWith([anAlert()]);
  expect(told.onMissed).toHaveBeenCalledOnce();
  expect(told.onEvents).toHaveBeenCalledExactlyOnceWith(someEvents(2));
  expect(told.onStatistics).toHaveBeenCalledExactlyOnceWith({ last_minute: 3 });
});

test("filters are part of the request", () => {
  openStream(handlers(), { entity_id: "light.*", area: "Living room" });
  expect(new URL(FakeEventSource.last.url).search).toBe("?entity_id=light.*&area=Living+room");
});

test("a stream that requests a reconnect is closed without an error", () => {
  const told = handlers();
  openStream(told);
  FakeEventSource.last.send("reconnect", {});
  expect(FakeEventSource.last.isClosed).toBe(true);
  expect(told.onReconnect).toHaveBeenCalledOnce();
  expect(told.onError).not.toHaveBeenCalled();
});

test("the first error closes the stream, so that the browser does not reopen it", () => {
  const told = handlers();
  openStream(told);
  FakeEventSource.last.onerror?.();
  expect(FakeEventSource.last.isClosed).toBe(true);
  expect(told.onError).toHaveBeenCalledOnce();
});
