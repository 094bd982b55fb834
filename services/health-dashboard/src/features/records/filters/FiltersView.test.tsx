import { FiltersView } from "@/features/records/filters/FiltersView";
import { failing, FakeApi, ok } from "@/test/fakeApi";
import { findViolations } from "@/test/findViolations";
import { anEvent, aSessionAnswer, NOW, someFilters } from "@/test/fixtures";
import { renderAt } from "@/test/renderAt";
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";

const IN_FORCE = { ...someFilters({}, { domains: ["automation"] }), source: "stored", variables: [] };
const PREVIEW = {
  period: "24h",
  start: NOW,
  end: NOW,
  complete: true,
  events: 3600,
  kept: 3558,
  dropped: [
    {
      rule: "excluded_entity",
      count: 42,
      busiest: [{ name: "sensor.phone_battery", friendly_name: "Phone battery", count: 42 }],
      examples: [anEvent({ friendly_name: "Phone battery" })],
    },
  ],
};
let api: FakeApi;

beforeEach(() => {
  api = new FakeApi().install();
  api.answers["session"] = ok(aSessionAnswer({ scope: "operate", kind: "session" }));
  api.answers["filters"] = ok(IN_FORCE);
  api.answers["POST filters/preview"] = ok(PREVIEW);
});

const show = () => renderAt("/records?view=filters", <FiltersView />);
const excluded = async () => within(await screen.findByRole("group", { name: "Exclude" }));

test("a change is previewed on stored events before it can be applied", async () => {
  const { container } = show();
  await userEvent.type((await excluded()).getByLabelText("Entities"), "*_battery");
  expect(screen.queryByRole("button", { name: /in force/ })).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Preview" }));
  expect(await screen.findByText("42 of 3,600 events would have been dropped (1.2 %).")).toBeInTheDocument();
  expect(screen.getByText("Entity is excluded")).toBeInTheDocument();
  expect(screen.getByRole("link", { name: "Phone battery" })).toBeInTheDocument();
  expect(await findViolations(container)).toEqual([]);
  const wanted = someFilters({}, { domains: ["automation"], entities: ["*_battery"] });
  api.answers["PUT filters"] = ok({ ...wanted, source: "stored", variables: [] });
  await userEvent.click(screen.getByRole("button", { name: "Apply these filters" }));
  expect(await screen.findByText("These filters apply from the next batch on.")).toBeInTheDocument();
  expect(api.sent).toEqual([
    ["POST", "filters/preview", wanted],
    ["PUT", "filters", wanted],
  ]);
});

test("an error is shown at its list, which gets the focus", async () => {
  const message = "exclude.domains must be domains or globs, got 'Light'";
  api.answers["POST filters/preview"] = () =>
    Response.json({ error: { key: "invalid_input", message, detail: { field: "exclude.domains", expected: "domains" } } }, { status: 422 });
  show();
  const domains = (await excluded()).getByLabelText("Domains");
  await userEvent.type(domains, "\nLight");
  await userEvent.click(screen.getByRole("button", { name: "Preview" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("Must be domains or globs, got 'Light'");
  expect(domains).toBeInvalid();
  expect(domains).toHaveFocus();
  expect(screen.queryByRole("button", { name: /in force/ })).toBeNull();
});

test("during an outage of the store filters can be applied without a preview, which is stated", async () => {
  api.answers["POST filters/preview"] = failing("The store does not answer");
  show();
  await userEvent.type((await excluded()).getByLabelText("Entities"), "*_battery");
  await userEvent.click(screen.getByRole("button", { name: "Preview" }));
  expect(await screen.findByText("The preview failed: The store does not answer")).toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Apply these filters without a preview" })).toBeInTheDocument();
});

test("another change removes the preview", async () => {
  show();
  const entities = (await excluded()).getByLabelText("Entities");
  await userEvent.type(entities, "*_battery");
  await userEvent.click(screen.getByRole("button", { name: "Preview" }));
  await screen.findByRole("button", { name: "Apply these filters" });
  await userEvent.type(entities, "x");
  expect(screen.queryByRole("button", { name: /in force/ })).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Discard changes" }));
  expect(entities).toHaveValue("");
});

test("filters that the environment sets are shown, with the variables that set them", async () => {
  api.answers["filters"] = ok({ ...IN_FORCE, source: "environment", variables: ["FILTER_EXCLUDE_DOMAINS"] });
  show();
  expect(await screen.findByText(/set by FILTER_EXCLUDE_DOMAINS, so they cannot be changed here/)).toBeInTheDocument();
  expect(screen.getByText("automation")).toBeInTheDocument();
  expect(screen.queryByRole("textbox")).toBeNull();
});

test("without the scope the filters in force are shown, and what a change needs", async () => {
  api.answers["session"] = ok(aSessionAnswer({ scope: "read", kind: null }));
  show();
  expect(await screen.findByText(/needs the scope operate or admin. You are reading without a token/)).toBeInTheDocument();
  expect(screen.getByText("automation")).toBeInTheDocument();
});
