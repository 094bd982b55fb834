import { App } from "@/app/App";
import { failing, FakeApi, FakeEventSource, never, ok } from "@/test/fakeApi";
import { findViolations } from "@/test/findViolations";
import { aBusiestAnswer, aGapsAnswer, aHealthAnswer, anAlert, aRejectedAnswer, anEvent, aService, aStatsAnswer, NOW, NOW_MS, timeAt } from "@/test/fixtures";
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

test("the page answers: is it healthy, how much, how are the services, what happens", async () => {
  render(<App />);
  expect(await screen.findByText("Everything is being captured and stored")).toBeInTheDocument();
  expect(await screen.findByText("3,580")).toBeInTheDocument();
  expect(within(screen.getByRole("table", { name: "Services" })).getByText("0.42 ms")).toBeInTheDocument();
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

test("a paused list says so and can be resumed", async () => {
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
  expect(await screen.findByText("events.sqlite3 is damaged.")).toBeInTheDocument();
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

test("figures from the services themselves say that the store is away", async () => {
  api.answers["stats"] = ok(aStatsAnswer({ source: "services-fallback" }));
  render(<App />);
  expect(await screen.findByText(/Store away/)).toBeInTheDocument();
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
    api.answers["stats"] = ok(aStatsAnswer({ metrics, trends: [], coverage: { start: null, complete: false } }));
    api.answers["entities/busiest"] = ok(aBusiestAnswer([]));
    api.answers["gaps"] = ok(aGapsAnswer({ gaps: [] }));
    api.answers["rejected"] = ok(aRejectedAnswer({ events: [], counts: {} }));
    api.answers["events"] = ok({ events: [], next_cursor: null });
  },
};

test("every part shows its error, and no number is made up", async () => {
  FACES.error();
  render(<App />);
  await waitFor(() => {
    expect(screen.getAllByRole("alert")).toHaveLength(6);
  });
  expect(within(screen.getByLabelText("Key figures")).getAllByText("–")).toHaveLength(4);
  expect(screen.getByText("The Admin API cannot tell how things are")).toBeInTheDocument();
});

test("every part says what to expect while it is empty", async () => {
  FACES.empty();
  render(<App />);
  const titles = ["No events in this period", "No entity has changed", "No service has reported yet", "No gaps, nothing rejected", "Nothing has happened yet"];
  for (const title of titles) expect(await screen.findByText(title)).toBeInTheDocument();
});

test("numbers stay when the API goes away, marked as old", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  render(<App />);
  await screen.findByText("3,580");
  api.answerAll(failing("The store does not answer"));
  await act(() => vi.advanceTimersByTimeAsync(11_000));
  expect(screen.getByText("3,580")).toBeInTheDocument();
  expect(screen.getAllByText(/^(as of \d|not current)/).length).toBeGreaterThanOrEqual(3);
});

test("hostile names are text", async () => {
  const name = "<img src=x onerror=alert(1)>";
  api.answers["events"] = ok({ events: [anEvent({ friendly_name: name })], next_cursor: null });
  api.answers["stats"] = ok(
    aStatsAnswer({ metrics: { ...aStatsAnswer().metrics, services: { x: aService({ service: name }) } } }),
  );
  const { container } = render(<App />);
  expect(await screen.findAllByText(name)).not.toHaveLength(0);
  expect(container.querySelector("img")).toBeNull();
});

test.each(Object.entries(FACES))("axe finds nothing wrong with the %s face", async (face, arrange) => {
  arrange();
  const { container } = render(<App />);
  if (face === "ready") await screen.findByText("sensor.house_power");
  if (face === "empty") await screen.findByText("No entity has changed");
  if (face === "error") await screen.findAllByRole("alert");
  expect(await findViolations(container)).toEqual([]);
});
