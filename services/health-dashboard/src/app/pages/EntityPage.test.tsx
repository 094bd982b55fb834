import { EntityPage } from "@/app/pages/EntityPage";
import { aHistoryAnswer, anEntity } from "@/test/entityFixtures";
import { FakeApi, ok } from "@/test/fakeApi";
import { findViolations } from "@/test/findViolations";
import { aHealthAnswer, NOW_MS, someEvents, timeAt } from "@/test/fixtures";
import { renderAt } from "@/test/renderAt";
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";

vi.mock("uplot", () => ({
  default: class {
    setData(): void {
      // Nothing is drawn.
    }
    destroy(): void {
      // Nothing was drawn.
    }
  },
}));

const ID = "sensor.kitchen_temperature";
let api: FakeApi;

beforeEach(() => {
  api = new FakeApi().install();
  api.answers[`entities/${ID}`] = ok(anEntity());
  api.answers[`entities/${ID}/history`] = ok(aHistoryAnswer());
});

const open = (search = "") => renderAt(`/entities/${ID}${search}`, <EntityPage params={{ entityId: ID }} />);
const asked = (path: string) => api.asked.filter(({ pathname }) => pathname.endsWith(path)).at(-1);

test("the page of an entity has its name, facts, history and newest events", async () => {
  open();
  expect(await screen.findByRole("heading", { level: 1, name: "Kitchen temperature" })).toBeInTheDocument();
  expect(document.title).toBe("Kitchen temperature · HA Ingestor");
  expect(screen.getByText("21.5 °C")).toBeInTheDocument();
  expect(screen.getByRole("link", { name: "Heating" })).toHaveAttribute("href", "/entities?label=Heating");
  const table = await screen.findByRole("table", { name: /Kitchen temperature/ });
  expect(within(table).getAllByRole("columnheader").map((cell) => cell.textContent)).toEqual(["Time", "Mean", "Lowest", "Highest"]);
  expect(table).toHaveTextContent("20 °C");
  expect(await screen.findAllByRole("listitem")).toHaveLength(someEvents(3).length);
  expect(asked("/events")?.searchParams.get("entity_id")).toBe(ID);
});

test("the history covers the last day, or the range of the address", async () => {
  open();
  await waitFor(() => {
    expect(asked("/history")?.searchParams.get("window")).toBe("15m");
  });
  await userEvent.click(screen.getByRole("radio", { name: "Last 30 days" }));
  await waitFor(() => {
    expect(asked("/history")?.searchParams.get("window")).toBe("6h");
  });
  expect(location.search).toBe("?period=30d");
});

test("states that are not numbers are a table of spans, newest first", async () => {
  api.answers[`entities/${ID}`] = ok(anEntity({ unit: null, state: "open" }));
  const points = [
    { time: timeAt(NOW_MS - 7_200_000), state: "closed", value: null, unit: null },
    { time: timeAt(NOW_MS - 3_600_000), state: "open", value: null, unit: null },
  ];
  api.answers[`entities/${ID}/history`] = ok(aHistoryAnswer({ unit: null, points }));
  open();
  const rows = within(await screen.findByRole("table", { name: "States" })).getAllByRole("row");
  expect(rows.slice(1).map((row) => row.children[1]?.textContent)).toEqual(["open", "closed"]);
  expect(rows[2]).toHaveTextContent("1 hour");
  expect(asked("/history")?.searchParams.has("window")).toBe(false);
});

test("for an unknown entity similar ids are listed", async () => {
  const error = { key: "not_found", message: "Unknown entity", detail: { nearest: ["sensor.kitchen_humidity"] } };
  api.answers[`entities/${ID}`] = () => Response.json({ error }, { status: 404 });
  open();
  expect(await screen.findByText("Entity not found")).toBeInTheDocument();
  expect(screen.getByRole("link", { name: "sensor.kitchen_humidity" })).toHaveAttribute("href", "/entities/sensor.kitchen_humidity");
  expect(screen.getByRole("link", { name: "Search all entities" })).toBeInTheDocument();
});

test("for an entity of several homes the home can be chosen, and is kept in the address", async () => {
  const [home] = aHealthAnswer().homes;
  if (home === undefined) throw new Error("no home");
  api.answers["health"] = ok(aHealthAnswer({ homes: [{ ...home, home: "house" }, { ...home, home: "cabin" }] }));
  const error = { key: "invalid_input", message: "sensor.power is in several homes. Set home to one of: home, cabin", detail: { field: "home" } };
  const whole = api.answers[`entities/${ID}`];
  api.answers[`entities/${ID}`] = () => Response.json({ error }, { status: 422 });
  open();
  const link = await screen.findByRole("link", { name: "cabin" });
  if (whole) api.answers[`entities/${ID}`] = whole;
  await userEvent.click(link);
  expect(await screen.findByText("21.5 °C")).toBeInTheDocument();
  expect(asked(`/${ID}`)?.searchParams.get("home")).toBe("cabin");
});

test("axe finds nothing wrong with it", async () => {
  const { container } = open();
  await screen.findByRole("table", { name: /Kitchen temperature/ });
  expect(await findViolations(container)).toEqual([]);
});

test("an invalid entity id is also not found", async () => {
  const error = { key: "invalid_input", message: "entity_id must have at most 255 characters", detail: { field: "entity_id" } };
  api.answers[`entities/${ID}`] = () => Response.json({ error }, { status: 422 });
  open();
  expect(await screen.findByText("Entity not found")).toBeInTheDocument();
});
