import { RejectedView } from "@/features/records/rejected/RejectedView";
import { FakeApi, ok } from "@/test/fakeApi";
import { findViolations } from "@/test/findViolations";
import { aRejectedAnswer, aRejectedEvent, aSessionAnswer, NOW } from "@/test/fixtures";
import { renderAt } from "@/test/renderAt";
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";

const ID = aRejectedEvent().id;
let api: FakeApi;

beforeEach(() => {
  api = new FakeApi().install();
  api.answers["session"] = ok(aSessionAnswer({ scope: "operate", kind: "session" }));
  api.answers["rejected/file"] = ok({ bytes: 2 ** 20, limit_bytes: 2 ** 26, last_error: null });
  api.answers[`rejected/${ID}`] = ok({ ...aRejectedEvent(), payload: '{"data":{"a":"<b>x</b>"}}' });
});

const show = (address = "/records?view=rejected") => renderAt(address, <RejectedView homes={["home"]} />);

test("reasons are described with their counts, and the size of the file is shown", async () => {
  const { container } = show();
  const reasons = within(await screen.findByRole("list", { name: "Reasons" }));
  expect(reasons.getByText("A field is missing")).toBeInTheDocument();
  expect(reasons.getByText("3 events, 3 not replayed yet")).toBeInTheDocument();
  expect(await screen.findByRole("progressbar", { name: "Space for rejected events" })).toHaveValue(100 / 64);
  expect(screen.getByText(/1 MiB of 64 MiB used/)).toBeInTheDocument();
  expect(await findViolations(container)).toEqual([]);
});

test("a payload is shown as formatted text, never as markup, and is in the address", async () => {
  const { address, container } = show();
  await userEvent.click(await screen.findByRole("button", { name: "Details of: time_fired is missing" }));
  expect((await screen.findByLabelText("Original data")).textContent).toBe('{\n  "data": {\n    "a": "<b>x</b>"\n  }\n}');
  expect(container.querySelector("b")).toBeNull();
  expect(address()).toContain(`event=${ID}`);
});

test("the outcome of a replay is shown beside it", async () => {
  api.answers[`POST rejected/${ID}/replay`] = ok({ id: ID, outcome: "rejected", replayed: NOW, key: "missing_field", message: "still not there" });
  show();
  await userEvent.click(await screen.findByRole("button", { name: "Replay" }));
  expect(await screen.findByText("still not there")).toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Replay again" })).toBeInTheDocument();
});

test("an event whose replay succeeded cannot be replayed again", async () => {
  api.answers["rejected"] = ok(aRejectedAnswer({ events: [aRejectedEvent({ outcome: "written", replayed: NOW })] }));
  show();
  expect(await screen.findByText(/^Stored /)).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: /^Replay$|^Replay again$/ })).toBeNull();
});

test("all events of one reason are replayed after a confirmation, and their outcomes are shown", async () => {
  let waiting = [aRejectedEvent({ id: "one" }), aRejectedEvent({ id: "two" })];
  api.answers["rejected"] = () => Response.json(aRejectedAnswer({ events: waiting, counts: { missing_field: 2 } }));
  for (const id of ["one", "two"]) {
    api.answers[`POST rejected/${id}/replay`] = () => {
      waiting = waiting.filter((event) => event.id !== id);
      return Response.json({ id, outcome: id === "one" ? "written" : "filtered", replayed: NOW, key: null, message: null });
    };
  }
  show();
  await userEvent.click(await screen.findByRole("button", { name: "Replay all with the reason: A field is missing" }));
  const dialog = within(await screen.findByRole("dialog", { name: /^Replay 2 events with the reason/ }));
  expect(api.sent).toEqual([]);
  await userEvent.click(dialog.getByRole("button", { name: "Replay" }));
  expect(await dialog.findByText("Replayed 2 of 2")).toBeInTheDocument();
  expect(await dialog.findByRole("status")).toHaveTextContent("Done. Stored: 1 · Dropped by a filter: 1");
  expect(api.sent.map(([, path]) => path)).toEqual(["rejected/one/replay", "rejected/two/replay"]);
});

test("filters are in the address and are requested", async () => {
  const { address } = show();
  await screen.findByRole("list", { name: "Reasons" });
  await userEvent.selectOptions(screen.getByLabelText("Replay"), "Not replayed yet");
  await userEvent.selectOptions(screen.getByLabelText("Reason"), "A field is missing");
  expect(address()).toBe("/records?view=rejected&replayed=false&key=missing_field");
  await waitFor(() => {
    expect(api.asked.map(({ search }) => search)).toContain("?key=missing_field&replayed=false&limit=25");
  });
});

test("without the scope events can be read, and the page names the scope for replays", async () => {
  api.answers["session"] = ok(aSessionAnswer({ scope: "read", kind: "session" }));
  show();
  expect(await screen.findByText(/Replaying events needs the scope operate or admin/)).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: /^Replay/ })).toBeNull();
});
