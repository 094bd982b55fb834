import { PaletteButton } from "@/features/palette/PaletteButton";
import { anEntitiesAnswer } from "@/test/entityFixtures";
import { failing, FakeApi, ok } from "@/test/fakeApi";
import { findViolations } from "@/test/findViolations";
import { anAlert, anAlertsAnswer } from "@/test/fixtures";
import { renderAt } from "@/test/renderAt";
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";

let api: FakeApi;

beforeEach(() => {
  api = new FakeApi().install();
  api.answers["entities"] = ok(anEntitiesAnswer());
});

const PAGES = [
  { path: "/", label: "Overview", icon: "home" },
  { path: "/records", label: "Records", icon: "gap" },
] as const;

const show = () => renderAt("/", <main><label>Name <input /></label><PaletteButton pages={PAGES} /></main>);
const search = () => screen.findByRole("combobox");

test.each([["a slash", "/"], ["Ctrl-K", "{Control>}k{/Control}"], ["Cmd-K", "{Meta>}k{/Meta}"]])("%s opens it, and Escape closes it", async (_, keys) => {
  show();
  await userEvent.keyboard(keys);
  expect(await search()).toHaveFocus();
  expect(await search()).toHaveValue("");
  fireEvent(screen.getByRole("dialog"), new Event("cancel", { cancelable: true })); // what a browser does on Escape
  expect(screen.queryByRole("combobox")).toBeNull();
});

test("a slash that is typed into an input is a slash, and Ctrl-K opens it from there", async () => {
  show();
  const input = screen.getByLabelText("Name");
  await userEvent.type(input, "a/b");
  expect(input).toHaveValue("a/b");
  expect(screen.queryByRole("combobox")).toBeNull();
  await userEvent.keyboard("{Control>}k{/Control}");
  expect(await search()).toHaveFocus();
});

test("an entity is found by its name, and Enter goes to its page", async () => {
  const { address } = show();
  await userEvent.click(screen.getByRole("button", { name: "Search" }));
  await userEvent.type(await search(), "kitchen temp");
  const option = await screen.findByRole("option", { name: /Kitchen temperature/ });
  expect(option).toHaveTextContent("sensor.kitchen_temperature");
  expect(option).toHaveTextContent("21.5 °C");
  expect(api.asked.at(-1)?.searchParams.get("q")).toBe("kitchen temp");
  await userEvent.keyboard("{Enter}");
  expect(address()).toBe("/entities/sensor.kitchen_temperature");
  expect(screen.queryByRole("combobox")).toBeNull();
});

test("pages and active alerts are found, too", async () => {
  api.answers["stats/alerts"] = ok(anAlertsAnswer([anAlert({ message: "The queue grows" })]));
  const { address } = show();
  await userEvent.click(screen.getByRole("button", { name: "Search" }));
  await search();
  expect(await within(screen.getByRole("group", { name: "Active alerts" })).findByRole("option", { name: /The queue grows/ })).toBeInTheDocument();
  api.answers["entities"] = ok(anEntitiesAnswer({ entities: [], total: 0 }));
  await userEvent.type(await search(), "rec");
  await waitFor(() => {
    expect(screen.getAllByRole("option").map(({ textContent }) => textContent)).toEqual(["Records"]);
  });
  await userEvent.click(screen.getByRole("option", { name: "Records" }));
  expect(address()).toBe("/records");
});

test("no match and a failed search are distinguished", async () => {
  api.answers["entities"] = ok(anEntitiesAnswer({ entities: [], total: 0 }));
  show();
  await userEvent.keyboard("/");
  await userEvent.type(await search(), "zzz");
  expect(await screen.findByText("Nothing found")).toBeInTheDocument();
  api.answers["entities"] = failing("The store does not answer");
  renderAt("/", <PaletteButton pages={PAGES} />);
  await userEvent.click(screen.getAllByRole("button", { name: "Search" })[0] ?? document.body);
  await userEvent.clear((await screen.findAllByRole("combobox"))[0] ?? document.body);
  await userEvent.type((await screen.findAllByRole("combobox"))[0] ?? document.body, "x");
  expect(await screen.findByText("Entities cannot be searched at the moment")).toBeInTheDocument();
});

test("axe finds nothing wrong with it", async () => {
  show();
  await userEvent.keyboard("/");
  await userEvent.type(await search(), "kitchen");
  await screen.findByRole("option", { name: /Kitchen/ });
  expect(await findViolations(document.body)).toEqual([]);
});
