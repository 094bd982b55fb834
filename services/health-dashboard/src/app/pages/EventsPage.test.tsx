import { App } from "@/app/App";
import { FakeApi, FakeEventSource, failing, ok } from "@/test/fakeApi";
import { findViolations } from "@/test/findViolations";
import { anEvent, aSessionAnswer, aTappedEvent, NOW_MS, someEvents, timeAt } from "@/test/fixtures";
import { act, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";

vi.setConfig({ testTimeout: 30_000 });
const SLOW = { timeout: 15_000 }; // a page is loaded on first use

let api: FakeApi;

beforeEach(() => {
  api = new FakeApi().install();
  return () => {
    history.replaceState(null, "", "/");
  };
});

async function open(address: string): Promise<void> {
  history.replaceState(null, "", address);
  render(<App />);
  await screen.findByRole("heading", { level: 1, name: "Events" }, SLOW);
}

function askedEvents(): URLSearchParams[] {
  return api.asked.filter((url) => url.pathname === "/api/v1/events").map((url) => url.searchParams);
}

async function rows(): Promise<HTMLElement[]> {
  return within(await screen.findByRole("list", { name: "Events" }, SLOW)).getAllByRole("listitem");
}

test("the filters of the address apply to the API and to the stream", async () => {
  await open("/events?entity_id=light.*&area=Hall");
  await waitFor(() => {
    expect(new URL(FakeEventSource.last.url).search).toBe("?entity_id=light.*&area=Hall");
  });
  expect(askedEvents().at(-1)?.get("area")).toBe("Hall");
  expect(screen.getByLabelText("Entity")).toHaveValue("light.*");
  expect(FakeEventSource.opened.filter((source) => !source.isClosed)).toHaveLength(1);
});

test("a typed filter is applied, kept in the address, and can be removed", async () => {
  await open("/events?period=1h");
  await userEvent.type(screen.getByLabelText("Domain"), "light{Enter}");
  expect(location.search).toBe("?period=1h&domain=light");
  await waitFor(() => {
    expect(askedEvents().at(-1)?.get("domain")).toBe("light");
  });
  await userEvent.click(screen.getByRole("button", { name: "Remove filters" }));
  expect(location.search).toBe("?period=1h");
  expect(screen.getByLabelText("Domain")).toHaveValue("");
});

test("leaving the page follows every event again", async () => {
  await open("/events?domain=light");
  await userEvent.click(screen.getByRole("link", { name: "Records" }));
  await waitFor(() => {
    expect(new URL(FakeEventSource.last.url).search).toBe("");
  });
});

test("details show the complete event, and pause the list", async () => {
  api.answers["events"] = ok({ events: [anEvent({ attributes: { icon: "mdi:stove" } })], next_cursor: null });
  await open("/events");
  await userEvent.click(await screen.findByRole("button", { name: /^Details of Kitchen temperature/ }));
  expect(screen.getByText("Ground floor")).toBeInTheDocument();
  expect(screen.getByLabelText("Attributes")).toHaveTextContent("mdi:stove");
  expect(screen.getByRole("button", { name: "Resume" })).toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Only this area" }));
  expect(location.search).toBe("?area=Kitchen");
});

test("backfilled and late events are marked", async () => {
  api.answers["events"] = ok({ events: [anEvent({ origin_kind: "backfill" })], next_cursor: null });
  await open("/events");
  expect((await rows()).map((row) => within(row).queryByText("Backfill"))[0]).toBeInTheDocument();
  act(() => {
    FakeEventSource.last.send("events", [anEvent({ id: "late", time: timeAt(NOW_MS - 3_600_000) })]);
  });
  expect(await screen.findByText("Late", {}, SLOW)).toBeInTheDocument();
});

test("older events follow page by page, and the end is shown", async () => {
  const all = someEvents(250);
  api.answers["events"] = () => {
    const asked = askedEvents().at(-1);
    const at = Number(asked?.get("cursor") ?? (asked?.has("end") ? 99 : 0));
    return Response.json({ events: all.slice(at, at + 100), next_cursor: at + 100 < all.length ? String(at + 100) : null });
  };
  await open("/events");
  expect(await rows()).toHaveLength(100);
  await userEvent.click(screen.getByRole("button", { name: "Show older events" }));
  await waitFor(async () => {
    expect(await rows()).toHaveLength(199);
  }, SLOW);
  expect(askedEvents().at(-1)?.get("end")).toBe(timeAt(NOW_MS - 5_000 - 99_000).replace("000000+", "000001+"));
  await userEvent.click(screen.getByRole("button", { name: "Show older events" }));
  expect(await screen.findByText("There are no older events.", {}, SLOW)).toBeInTheDocument();
  expect(await rows()).toHaveLength(250);
  await userEvent.click(screen.getByRole("button", { name: "Resume" }));
  expect(await rows()).toHaveLength(100);
});

test("filters that the API refuses are reported, and everything else stays live", async () => {
  api.answers["events"] = failing("Unknown home hoem. Known: home.", 404);
  await open("/events?home=hoem");
  expect(await screen.findByText("Unknown home hoem. Known: home.", {}, SLOW)).toBeInTheDocument();
  expect(new URL(FakeEventSource.last.url).search).toBe("");
  act(() => {
    FakeEventSource.last.send("statistics", { timestamp: timeAt(NOW_MS), total_events: 1, events_per_minute: 1, last_minute: 1 });
  });
  expect(await screen.findByText("Live")).toBeInTheDocument();
});

test("filters without a match can be removed", async () => {
  api.answers["events"] = ok({ events: [], next_cursor: null });
  await open("/events?domain=nothing");
  expect(await screen.findByText("No event matches these filters", {}, SLOW)).toBeInTheDocument();
});

test("without the scope admin a note explains what the tap needs", async () => {
  await open("/events?view=tap");
  expect(await screen.findByText(/needs the scope admin/, {}, SLOW)).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Open the tap" })).toBeNull();
});

test("an administrator opens the tap, compares, and ends it", async () => {
  api.answers["session"] = ok(aSessionAnswer({ kind: "session", name: "me", scope: "admin" }));
  api.answers["POST tap"] = ok({ id: "0123", ends: timeAt(NOW_MS), remaining_s: 600 });
  api.answers["DELETE tap/0123"] = () => new Response(null, { status: 204 });
  await open("/events?view=tap&entity_id=sensor.*");
  await userEvent.click(await screen.findByRole("button", { name: "Open the tap" }, SLOW));
  expect(api.sent).toEqual([["POST", "tap", { entity_id: "sensor.*" }]]);
  await screen.findByText("Waiting for an event");
  expect(new URL(FakeEventSource.last.url).pathname).toBe("/api/v1/tap/0123");
  const filtered = aTappedEvent({ point: null, outcome: "filtered", reason: { key: "excluded_entity", message: null } });
  act(() => {
    FakeEventSource.last.send("status", { remaining_s: 541, left_out: 7, error: null });
    FakeEventSource.last.send("events", [aTappedEvent(), filtered]);
  });
  const list = await screen.findByRole("list", { name: "Tapped events" });
  expect(within(list).getByText("The filters exclude this entity.")).toBeInTheDocument();
  expect(screen.getAllByText(/9:01/).length).toBeGreaterThan(0);
  expect(screen.getByText(/^7 events were not shown/)).toBeInTheDocument();
  for (const button of within(list).getAllByRole("button").slice(1)) await userEvent.click(button);
  const area = within(list).getByRole("row", { name: /^area/ });
  expect(area).toHaveTextContent(/Added.*Not sent.*"Kitchen"/);
  expect(await findViolations(document.body)).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "End tap" }));
  expect(screen.getByText("You ended the tap.")).toBeInTheDocument();
  expect(api.sent.at(-1)).toEqual(["DELETE", "tap/0123", undefined]);
});

test("a tap ends when its page is left", async () => {
  api.answers["session"] = ok(aSessionAnswer({ kind: "session", name: "me", scope: "admin" }));
  api.answers["POST tap"] = ok({ id: "0123", ends: timeAt(NOW_MS), remaining_s: 600 });
  await open("/events?view=tap");
  await userEvent.click(await screen.findByRole("button", { name: "Open the tap" }, SLOW));
  await screen.findByText("Waiting for an event");
  await userEvent.click(screen.getByRole("link", { name: "Records" }));
  await waitFor(() => {
    expect(api.sent.at(-1)).toEqual(["DELETE", "tap/0123", undefined]);
  });
});

test("axe finds nothing wrong with the list and its details", async () => {
  await open("/events");
  for (const button of await screen.findAllByRole("button", { name: /^Details of/ }, SLOW)) await userEvent.click(button);
  expect(await findViolations(document.body)).toEqual([]);
});
