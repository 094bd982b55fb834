import { EntitiesCard } from "@/features/entities/EntitiesCard";
import { anEntitiesAnswer } from "@/test/entityFixtures";
import { failing, FakeApi, ok } from "@/test/fakeApi";
import { findViolations } from "@/test/findViolations";
import { renderAt } from "@/test/renderAt";
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";

let api: FakeApi;

beforeEach(() => {
  api = new FakeApi().install();
  api.answers["entities"] = ok(anEntitiesAnswer());
});

const lastQuestion = () => api.asked.filter(({ pathname }) => pathname.endsWith("/entities")).at(-1)?.searchParams.toString();

test("entities are listed by their names, with a link, their id, their state and their place", async () => {
  renderAt("/entities", <EntitiesCard />);
  const table = await screen.findByRole("table", { name: "Entities" });
  const row = within(table).getByRole("row", { name: /Kitchen temperature/ });
  expect(within(row).getByRole("link", { name: "Kitchen temperature" })).toHaveAttribute("href", "/entities/sensor.kitchen_temperature");
  expect(row).toHaveTextContent("sensor.kitchen_temperature");
  expect(row).toHaveTextContent("21.5 °C");
  expect(row).toHaveTextContent("Kitchen · Thermometer");
  expect(within(table).getByRole("row", { name: /Hall lamp/ })).toHaveTextContent("No area");
  expect(screen.getByText("2 entities")).toBeInTheDocument();
});

test("the search is kept in the address, and is one step of the history", async () => {
  const { address } = renderAt("/entities?area=Kitchen", <EntitiesCard />);
  const { length } = history;
  await userEvent.type(await screen.findByLabelText("Search"), "kitchen temp");
  await waitFor(() => {
    expect(lastQuestion()).toBe("q=kitchen+temp&area=Kitchen&limit=100");
  });
  expect(address()).toBe("/entities?area=Kitchen&q=kitchen+temp");
  expect(history.length).toBe(length);
});

test("a filter offers the existing values, and is hidden without any", async () => {
  const { address } = renderAt("/entities?cursor=abc", <EntitiesCard />);
  await userEvent.selectOptions(await screen.findByLabelText("Area"), "Kitchen");
  expect(address()).toBe("/entities?area=Kitchen");
  expect(screen.queryByLabelText("Floor")).toBeNull();
  expect(screen.queryByLabelText("Home")).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Clear filters" }));
  expect(address()).toBe("/entities");
});

test("a filter of the address without a match can be removed", async () => {
  api.answers["entities"] = ok(anEntitiesAnswer({ entities: [], total: 0 }));
  const { address } = renderAt("/entities?floor=Attic", <EntitiesCard />);
  expect(await screen.findByText("No entity found")).toBeInTheDocument();
  await userEvent.selectOptions(screen.getByLabelText("Floor"), "All");
  expect(address()).toBe("/entities");
});

test("a home without entities and an error are distinguished", async () => {
  api.answers["entities"] = ok(anEntitiesAnswer({ entities: [], total: 0 }));
  renderAt("/entities", <EntitiesCard />);
  expect(await screen.findByText("No entities yet")).toBeInTheDocument();
  api.answers["entities"] = failing("The store does not answer");
  renderAt("/entities?q=x", <EntitiesCard />);
  expect(await screen.findByRole("alert")).toBeInTheDocument();
});

test("more entities are on a next page", async () => {
  api.answers["entities"] = ok(anEntitiesAnswer({ next_cursor: "abc" }));
  const { address } = renderAt("/entities?area=Kitchen", <EntitiesCard />);
  await userEvent.click(await screen.findByRole("link", { name: "Next page" }));
  expect(address()).toBe("/entities?area=Kitchen&cursor=abc");
});

test("axe finds nothing wrong with it", async () => {
  const { container } = renderAt("/entities?area=Kitchen", <EntitiesCard />);
  await screen.findByRole("table");
  expect(await findViolations(container)).toEqual([]);
});
