import { GapsView } from "@/features/records/gaps/GapsView";
import { failing, FakeApi, ok } from "@/test/fakeApi";
import { findViolations } from "@/test/findViolations";
import { aFilling, aGap, aGapsAnswer, aSessionAnswer } from "@/test/fixtures";
import { renderAt } from "@/test/renderAt";
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";

let api: FakeApi;

beforeEach(() => {
  api = new FakeApi().install();
  api.answers["session"] = ok(aSessionAnswer({ scope: "operate", kind: "session" }));
  api.answers["gaps/filling"] = ok({ filling: [] });
});

const show = (address = "/records", homes = ["home"]) => renderAt(address, <GapsView homes={homes} />);

test("a gap shows its range, duration, reason, and what was and was not recovered", async () => {
  const lost = ["Changes of 1 entities whose last change is missing in the history: sensor.attic."];
  api.answers["gaps"] = ok(aGapsAnswer({ gaps: [aGap({ status: "partial", reason: "restart", recovered: 1204, known: 3, entities: 212, lost, entity_names: { "sensor.attic": "Attic temperature" } })] }));
  const { container } = show();
  const gap = within(await screen.findByRole("list", { name: "Gaps" }));
  expect(gap.getByText("Closed in part")).toBeInTheDocument();
  expect(gap.getByText("HA Ingestor was not running")).toBeInTheDocument();
  expect(gap.getByText("29 minutes")).toBeInTheDocument();
  expect(gap.getByText(/^1,204 changes recovered · 3 already stored · 212 entities · closed /)).toBeInTheDocument();
  expect(gap.getByRole("link", { name: "Attic temperature" })).toHaveAttribute("href", "/entities/sensor.attic");
  expect(await findViolations(container)).toEqual([]);
});

test("a gap being filled shows its progress by entities", async () => {
  api.answers["gaps/filling"] = ok({ filling: [aFilling()] });
  show();
  const bar = await screen.findByRole("progressbar", { name: /^The connection to Home Assistant was lost: / });
  expect(bar).toHaveValue(35.4);
  expect(screen.getByText(/75 of 212 entities read · 7 changes recovered, 2 already stored/)).toBeInTheDocument();
});

test("an open gap shows its progress, or that it waits", async () => {
  const open = { status: "open", recovered: 0, known: 0, entities: 0, closed: null } as const;
  const filling = aFilling();
  const gaps = [aGap({ ...open, home: filling.home, start: filling.start, reason: filling.reason }), aGap({ ...open, reason: "spool_full" })];
  api.answers["gaps/filling"] = ok({ filling: [filling] });
  api.answers["gaps"] = ok(aGapsAnswer({ gaps, open: 2 }));
  show();
  const list = within(await screen.findByRole("list", { name: "Gaps" }));
  expect(await list.findByText("Being filled, 35.4 %")).toBeInTheDocument();
  expect(list.getByText("Waiting for its history to be read.")).toBeInTheDocument();
});

test("filling that waits for Home Assistant or fails is marked", async () => {
  api.answers["gaps/filling"] = ok({ filling: [aFilling({ is_connected: false }), aFilling({ home: "cabin", last_error: "no answer" })] });
  show("/records", ["home", "cabin"]);
  expect(await screen.findByText(/Filling continues when the connection is back/)).toBeInTheDocument();
  expect(screen.getByText(/The last attempt failed: no answer/)).toBeInTheDocument();
});

test("time, home and page of the address are requested", async () => {
  show("/records?period=7d&home=cabin&cursor=abc", ["home", "cabin"]);
  await waitFor(() => {
    expect(api.asked.map(({ search }) => search)).toContain("?start=7d&home=cabin&limit=25&cursor=abc");
  });
});

test("another time range is kept in the address and starts at the first page", async () => {
  const { address } = show("/records?cursor=abc");
  await userEvent.selectOptions(await screen.findByLabelText("Time"), "Last 7 days");
  expect(address()).toBe("/records?period=7d");
});

test("older gaps have a link", async () => {
  api.answers["gaps"] = ok(aGapsAnswer({ next_cursor: "next" }));
  const { address } = show("/records?home=home");
  await userEvent.click(await screen.findByRole("link", { name: "Older" }));
  expect(address()).toBe("/records?home=home&cursor=next");
  await userEvent.click(await screen.findByRole("link", { name: "Newest" }));
  expect(address()).toBe("/records?home=home");
});

async function enter(start: string, end: string): Promise<void> {
  fireEvent.change(await screen.findByLabelText("From"), { target: { value: start } });
  fireEvent.change(screen.getByLabelText("To"), { target: { value: end } });
  await userEvent.click(screen.getByRole("button", { name: "Fetch history" }));
}

test("the history of a time is requested", async () => {
  api.answers["POST backfill"] = ok({ backfill: null });
  show();
  await enter("2026-11-20T10:00", "2026-11-20T12:00");
  expect(await screen.findByText(/Fetching has started/)).toBeInTheDocument();
  expect(api.sent).toEqual([["POST", "backfill", { start: "2026-11-20T10:00:00.000Z", end: "2026-11-20T12:00:00.000Z" }]]);
});

test("an invalid time is reported at its field, which gets the focus, and nothing is sent", async () => {
  show();
  await enter("2026-11-20T12:00", "2026-11-20T10:00");
  expect(screen.getByRole("alert")).toHaveTextContent("The end must be after the start.");
  expect(screen.getByLabelText("To")).toHaveFocus();
  expect(screen.getByLabelText("To")).toBeInvalid();
  expect(api.sent).toEqual([]);
});

test("an error of the API is shown at the field that it names, or below the form", async () => {
  api.answers["POST backfill"] = () =>
    Response.json({ error: { key: "invalid_input", message: "to must be a time that has passed", detail: { field: "to" } } }, { status: 422 });
  show();
  await enter("2026-11-20T10:00", "2026-11-20T12:00");
  expect(await screen.findByRole("alert")).toHaveTextContent("to must be a time that has passed");
  expect(screen.getByLabelText("To")).toBeInvalid();
  api.answers["POST backfill"] = failing("A backfill is already running", 422);
  await enter("2026-11-20T10:00", "2026-11-20T12:00");
  expect(await screen.findByText("A backfill is already running")).toBeInTheDocument();
  expect(screen.getByLabelText("To")).toBeValid();
});

test("without the scope the form names the required one", async () => {
  api.answers["session"] = ok(aSessionAnswer({ scope: "read", kind: null }));
  show();
  expect(await screen.findByText(/Fetching history needs the scope operate or admin/)).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Fetch history" })).toBeNull();
});
