import { AlertsCard } from "@/features/alerts/AlertsCard";
import { FakeApi, failing, ok } from "@/test/fakeApi";
import { findViolations } from "@/test/findViolations";
import { aSessionAnswer, anAlert, NOW } from "@/test/fixtures";
import type { Alert } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";

let api: FakeApi;

beforeEach(() => {
  api = new FakeApi().install();
});

function show(source: Partial<Loadable<readonly Alert[]>>): Element {
  const alerts = { data: undefined, error: null, retry: () => undefined, ...source };
  return render(
    <QueryClientProvider client={new QueryClient()}>
      <AlertsCard alerts={alerts} />
    </QueryClientProvider>,
  ).container;
}

test.each([{}, { data: [] }])("without alerts nothing is shown or announced", (source) => {
  show(source);
  expect(screen.getByRole("status", { name: "Alerts" })).toBeEmptyDOMElement();
  expect(screen.queryByRole("heading")).toBeNull();
});

test("each alert shows level, message and runbook, and is announced", async () => {
  const container = show({ data: [anAlert({ level: "critical" }), anAlert({ id: "other", acknowledged: NOW })] });
  const [first, second] = within(screen.getByRole("list", { name: "Active alerts" })).getAllByRole("listitem") as [HTMLElement, HTMLElement];
  expect(first).toHaveTextContent("critical");
  expect(first).toHaveTextContent("grew by 500 events");
  expect(within(first).getByRole("link", { name: /What to do about queue growing/ })).toHaveAttribute(
    "href",
    "http://localhost:3000/api/v1/runbooks/queue_growing",
  );
  expect(second).toHaveTextContent("acknowledged");
  expect(within(second).queryByRole("button", { name: /Acknowledge|Sign in/ })).toBeNull();
  expect(screen.getByText("2 active, 1 not acknowledged")).toBeInTheDocument();
  expect(screen.getByRole("status", { name: "Alerts" })).toHaveTextContent("2 alerts: critical, queue growing");
  expect(await findViolations(container)).toEqual([]);
});

test("without the scope there is a sign-in button instead", async () => {
  show({ data: [anAlert()] });
  expect(await screen.findByRole("button", { name: /Sign in to acknowledge queue growing/ })).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: /^Acknowledge/ })).toBeNull();
});

test("an alert is acknowledged by its button", async () => {
  api.answers["session"] = ok(aSessionAnswer({ scope: "operate", kind: "session" }));
  const alert = anAlert();
  api.answers[`POST alerts/${alert.id}/acknowledge`] = ok({ ...alert, acknowledged: NOW });
  show({ data: [alert] });
  await userEvent.click(await screen.findByRole("button", { name: "Acknowledge queue growing, WebSocket ingestion" }));
  expect(api.sent).toEqual([["POST", `alerts/${alert.id}/acknowledge`, undefined]]);
});

test("a failed acknowledgement is reported", async () => {
  api.answers["session"] = ok(aSessionAnswer({ scope: "operate", kind: "session" }));
  const alert = anAlert();
  api.answers[`POST alerts/${alert.id}/acknowledge`] = failing("No alert is active", 404);
  show({ data: [alert] });
  await userEvent.click(await screen.findByRole("button", { name: /^Acknowledge/ }));
  expect(await screen.findByRole("alert")).toHaveTextContent("No alert is active");
});

test("a failure to load alerts is reported", () => {
  show({ error: new Error("The Admin API does not answer") });
  expect(screen.getByRole("alert")).toHaveTextContent("Alerts cannot be loaded: The Admin API does not answer");
});
