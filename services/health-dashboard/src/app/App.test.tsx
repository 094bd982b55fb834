import { App } from "@/app/App";
import { failing, FakeApi, FakeEventSource, never, ok, unreachable } from "@/test/fakeApi";
import { findViolations } from "@/test/findViolations";
import { anAccountingAnswer, aBusiestAnswer, aHeartbeatsAnswer, aGapsAnswer, aHealthAnswer, anAlert, aRejectedAnswer, anEvent, aStatsAnswer, NOW, NOW_MS, timeAt } from "@/test/fixtures";
import { act, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";

vi.mock("uplot", async () => ({ default: (await import("@/test/fakePlot")).FakePlot }));

let api: FakeApi;

beforeEach(() => {
  api = new FakeApi().install();
});

async function openStream(): Promise<void> {
  await act(async () => {
    FakeEventSource.last.onopen?.();
    await Promise.resolve();
  });
}

test("the overview shows health, key figures, heartbeats, accounting and events", async () => {
  render(<App />);
  expect(await screen.findByText("Everything is being captured and stored")).toBeInTheDocument();
  expect(await screen.findByText("3,580")).toBeInTheDocument();
  expect(await screen.findByRole("slider", { name: "WebSocket ingestion: heartbeats of the last 24 hours" })).toBeInTheDocument();
  expect(await screen.findByText("3,600 events received")).toBeInTheDocument();
  expect(await screen.findByText("sensor.house_power")).toBeInTheDocument();
  expect(await screen.findAllByText("Kitchen temperature")).toHaveLength(3);
});

test("an event of the stream appears on top", async () => {
  render(<App />);
  await openStream();
  const fresh = anEvent({ id: "fresh", time: timeAt(NOW_MS + 1000), friendly_name: "Hall lamp" });
  act(() => {
    FakeEventSource.last.send("events", [fresh]);
  });
  await screen.findByText("Hall lamp");
  const [first] = within(screen.getByRole("list", { name: "Latest events" })).getAllByRole("listitem");
  expect(first).toHaveTextContent("Hall lamp");
});

test("the stream's statistics are the rate now", async () => {
  render(<App />);
  await openStream();
  act(() => {
    FakeEventSource.last.send("statistics", { timestamp: NOW, total_events: 9, events_per_minute: 1, last_minute: 47 });
  });
  expect(await screen.findByText("47")).toBeInTheDocument();
  expect(screen.getByText("Live")).toBeInTheDocument();
});

test("alerts of the stream appear, change and go without a reload", async () => {
  render(<App />);
  await openStream();
  act(() => {
    FakeEventSource.last.send("alerts", [anAlert()]);
  });
  expect(await screen.findByRole("heading", { name: "Alerts" })).toBeInTheDocument();
  act(() => {
    FakeEventSource.last.send("alerts", []);
  });
  await waitFor(() => {
    expect(screen.queryByRole("heading", { name: "Alerts" })).toBeNull();
  });
});

test("a paused list is marked and can be resumed", async () => {
  history.replaceState(null, "", "/events");
  render(<App />);
  await openStream();
  await userEvent.click(await screen.findByRole("button", { name: "Pause" }));
  act(() => {
    FakeEventSource.last.send("events", [anEvent({ id: "fresh", time: timeAt(NOW_MS + 1000), friendly_name: "Lamp" })]);
  });
  expect(await screen.findByText("paused, 1 new")).toBeInTheDocument();
  expect(screen.queryByText("Lamp")).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Resume" }));
  expect(screen.getByText("Lamp")).toBeInTheDocument();
});

test("another period is asked for with its window", async () => {
  render(<App />);
  await userEvent.click(await screen.findByRole("radio", { name: "Last 7 days" }));
  await waitFor(() => {
    expect(api.asked.map((url) => url.search)).toContain("?period=7d&window=1h");
  });
  expect(screen.getByText("Events, last 7 days")).toBeInTheDocument();
});

test("a damaged store leads to its runbook", async () => {
  const storage = { is_connected: false, last_error: "events.sqlite3 is damaged", error_key: "store_damaged" };
  api.answers["health"] = ok(aHealthAnswer({ overall_status: "unhealthy", storage }));
  render(<App />);
  expect(await screen.findByText("The store is damaged")).toBeInTheDocument();
  expect(screen.getByText(/events\.sqlite3 is damaged/)).toBeInTheDocument();
  expect(screen.queryByText("Everything is being captured and stored")).toBeNull();
  expect(screen.getByRole("link", { name: /What to do/ })).toHaveAttribute("href", expect.stringMatching(/\/api\/v1\/runbooks\/store_damaged$/));
});

test("the demo home is labelled", async () => {
  api.answers["health"] = ok(aHealthAnswer({ home: "demo" }));
  render(<App />);
  expect(await screen.findByText("Demo home")).toBeInTheDocument();
});

test("the chart has a table twin", async () => {
  render(<App />);
  const table = await screen.findByRole("table", { name: "Events per minute, by time" });
  expect(within(table).getAllByRole("row").map((row) => row.textContent)).toEqual([
    "TimePer minuteEvents",
    "11:58–11:595858",
    "11:59–12:006262",
    "12:00:00–12:00:30, so far6030",
  ]);
});

test("statistics from the services are marked and explained", async () => {
  api.answers["stats"] = ok(aStatsAnswer({ source: "services-fallback" }));
  render(<App />);
  expect(await screen.findByText("The memory of the services")).toBeInTheDocument();
  expect(screen.getByText(/^The store does not answer\. The services keep statistics of the last hours/)).toBeInTheDocument();
});

test("the previous period is behind the chart, and is requested as a range", async () => {
  render(<App />);
  await screen.findByText("3,580");
  await waitFor(() => {
    expect(api.asked.filter((url) => url.pathname.endsWith("/stats") && url.searchParams.has("start"))).toHaveLength(1);
  });
});

const FACES = {
  ready: () => undefined,
  loading: () => {
    api.answerAll(never());
  },
  error: () => {
    api.answerAll(failing("The store does not answer"));
  },
  empty: () => {
    const metrics = { ...aStatsAnswer().metrics, total_events: 0, services: {} };
    api.answers["stats"] = ok(aStatsAnswer({ metrics, trends: [], coverage: { start: null, end: "2026-11-24T12:00:00.000000+00:00", complete: false } }));
    api.answers["entities/busiest"] = ok(aBusiestAnswer([]));
    api.answers["stats/heartbeats"] = ok(aHeartbeatsAnswer({ services: [] }));
    api.answers["accounting"] = ok(anAccountingAnswer({}));
    api.answers["gaps"] = ok(aGapsAnswer({ gaps: [] }));
    api.answers["rejected"] = ok(aRejectedAnswer({ events: [], counts: {} }));
    api.answers["events"] = ok({ events: [], next_cursor: null });
  },
};

test("an outage is shown once, and unknown numbers are not shown", async () => {
  FACES.error();
  render(<App />);
  expect(await screen.findByRole("heading", { name: "The Admin API answers with an error" })).toBeInTheDocument();
  await waitFor(() => {
    expect(within(screen.getByLabelText("Key figures")).getAllByText("–")).toHaveLength(5);
  });
  expect(screen.queryAllByRole("alert")).toEqual([]);
  expect(screen.queryByRole("button", { name: "Try now" })).toBeNull();
});

test("a card whose request fails shows the error", async () => {
  api.answers["accounting"] = failing("The reports cannot be read");
  render(<App />);
  expect(await screen.findByRole("alert")).toHaveTextContent("The reports cannot be read");
});

test("an outage is shown on other pages, too, once", async () => {
  api.answers["health"] = unreachable();
  history.replaceState(null, "", "/settings");
  render(<App />);
  expect(await screen.findAllByRole("heading", { name: "The Admin API does not answer" })).toHaveLength(1);
});

test("every empty card explains what will appear", async () => {
  FACES.empty();
  render(<App />);
  const titles = ["No events in this period", "No entity has changed", "No service has reported yet", "Not known for this period", "No events yet"];
  for (const title of titles) expect(await screen.findByText(title)).toBeInTheDocument();
});

test("during an outage of the API numbers stay, grey and with their time, and ages stop", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  render(<App />);
  await screen.findByText("3,580");
  api.answerAll(unreachable());
  await act(() => vi.advanceTimersByTimeAsync(35_000));
  expect(screen.getByText("3,580")).toBeInTheDocument();
  expect(screen.getByText("Unreachable")).toBeInTheDocument();
  expect(screen.getByText("Offline")).toBeInTheDocument();
  expect(screen.getAllByText(/^as of \d/).length).toBeGreaterThanOrEqual(8);
  const ages = () => screen.getAllByRole("listitem").flatMap((item) => Array.from(item.querySelectorAll("time"), (time) => time.textContent));
  const before = ages();
  await act(() => vi.advanceTimersByTimeAsync(60_000));
  expect(ages()).toEqual(before);
});

test("a page that was open continues when the API is back, and opens the stream again", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  render(<App />);
  await screen.findByText("3,580");
  const wellAnswers = { ...api.answers };
  api.answerAll(unreachable());
  act(() => {
    FakeEventSource.last.onerror?.();
  });
  await act(() => vi.advanceTimersByTimeAsync(40_000));
  expect(screen.getByRole("heading", { name: "The Admin API does not answer" })).toBeInTheDocument();
  const opened = FakeEventSource.opened.length;
  Object.assign(api.answers, wellAnswers);
  await act(() => vi.advanceTimersByTimeAsync(4000));
  expect(screen.getByRole("heading", { name: "Everything is being captured and stored" })).toBeInTheDocument();
  expect(FakeEventSource.opened.length).toBeGreaterThan(opened);
});

test("hostile names are text", async () => {
  const name = "<img src=x onerror=alert(1)>";
  api.answers["events"] = ok({ events: [anEvent({ friendly_name: name })], next_cursor: null });
  api.answers["entities/busiest"] = ok(aBusiestAnswer([{ entity_id: "sensor.x", home: "home", friendly_name: name, count: 1 }]));
  const { container } = render(<App />);
  expect(await screen.findAllByText(name)).not.toHaveLength(0);
  expect(container.querySelector("img")).toBeNull();
});

test.each(Object.entries(FACES))("axe finds nothing wrong with the %s face", async (face, arrange) => {
  arrange();
  const { container } = render(<App />);
  if (face === "ready") await screen.findByText("sensor.house_power");
  if (face === "empty") await screen.findByText("No entity has changed");
  if (face === "error") await screen.findByRole("heading", { name: "The Admin API answers with an error" });
  expect(await findViolations(container)).toEqual([]);
});
