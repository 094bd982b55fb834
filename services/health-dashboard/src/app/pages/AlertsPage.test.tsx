import { AlertsPage } from "@/app/pages/AlertsPage";
import { aHistoryAnswer, anAlertRule, aPastAlert } from "@/test/alertFixtures";
import { FakeApi, failing, ok } from "@/test/fakeApi";
import { findViolations } from "@/test/findViolations";
import { anAlert, anAlertsAnswer, aSessionAnswer, NOW_MS, timeAt } from "@/test/fixtures";
import { renderAt } from "@/test/renderAt";
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";

let api: FakeApi;

beforeEach(() => {
  api = new FakeApi().install();
  api.answers["alerts/rules"] = ok({ rules: [anAlertRule()] });
  api.answers["stats/alerts"] = ok(anAlertsAnswer([anAlert()]));
  api.answers["alerts/history"] = ok(aHistoryAnswer([aPastAlert()]));
});

function operate(): void {
  api.answers["session"] = ok(aSessionAnswer({ scope: "operate", kind: "session" }));
}

test("an active alert shows its start, its runbook and its rule", async () => {
  operate();
  const { container } = renderAt("/alerts", <AlertsPage />);
  const row = within(await screen.findByRole("list", { name: "Active alerts" })).getByRole("listitem");
  expect(row).toHaveTextContent(/grew by 500 events/);
  expect(row).toHaveTextContent(/queue growing · WebSocket ingestion · since/);
  await userEvent.click(await within(row).findByText("Rule"));
  expect(row).toHaveTextContent("Cleared when it is 20 seconds or less for 2 minutes.");
  expect(await findViolations(container)).toEqual([]);
});

test("an alert is silenced for a preset time, and the silence can be ended", async () => {
  operate();
  const { id } = anAlert();
  const silenced = anAlert({ silenced_until: timeAt(NOW_MS + 28_800_000) });
  api.answers[`POST alerts/${id}/silence`] = ok(silenced);
  api.answers[`DELETE alerts/${id}/silence`] = ok(anAlert());
  renderAt("/alerts", <AlertsPage />);
  const button = await screen.findByRole("button", { name: "Silence queue growing, WebSocket ingestion" });
  expect(button).toHaveAttribute("aria-expanded", "false");
  await userEvent.click(button);
  expect(screen.getByRole("group", { name: "Silence for" })).toBeInTheDocument();
  api.answers["stats/alerts"] = ok(anAlertsAnswer([silenced]));
  await userEvent.click(screen.getByRole("button", { name: "Silence for 8 hours" }));
  await userEvent.click(await screen.findByRole("button", { name: /^End silence/ }));
  await waitFor(() => {
    expect(api.sent).toEqual([
      ["POST", `alerts/${id}/silence`, { duration: "8h" }],
      ["DELETE", `alerts/${id}/silence`, undefined],
    ]);
  });
});

test("an error is shown beside the button", async () => {
  operate();
  api.answers[`POST alerts/${anAlert().id}/acknowledge`] = failing("Cannot save to DATA_DIR: No space left. Check the disk", 503);
  renderAt("/alerts", <AlertsPage />);
  await userEvent.click(await screen.findByRole("button", { name: /^Acknowledge/ }));
  const row = within(screen.getByRole("list", { name: "Active alerts" })).getByRole("listitem");
  expect(await within(row).findByRole("alert")).toHaveTextContent("Failed: Cannot save to DATA_DIR");
});

test("without the scope a note explains why there are no buttons", async () => {
  renderAt("/alerts", <AlertsPage />);
  expect(await screen.findByText(/Acknowledging and silencing alerts needs the scope operate or admin/)).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: /Acknowledge|Silence/ })).toBeNull();
});

test("without active alerts there is a message", async () => {
  api.answers["stats/alerts"] = ok(anAlertsAnswer([]));
  renderAt("/alerts", <AlertsPage />);
  expect(await screen.findByText("No alert is active")).toBeInTheDocument();
});

test("a past alert shows when it fired and was resolved, and who acknowledged it", async () => {
  const acknowledged = { acknowledged: timeAt(NOW_MS - 7_000_000), acknowledged_by: "phone" };
  api.answers["alerts/history"] = ok(aHistoryAnswer([aPastAlert(acknowledged), anAlert({ id: "now" })]));
  const { container } = renderAt("/alerts?view=history", <AlertsPage />);
  const [past, now] = within(await screen.findByRole("list", { name: "History" })).getAllByRole("listitem") as [HTMLElement, HTMLElement];
  expect(past).toHaveTextContent(/Fired .*10:01:30, resolved .*11:00:30, after 1 hour/);
  expect(past).toHaveTextContent(/acknowledged .*10:03:50 by phone/);
  expect(now).toHaveTextContent(/still active/);
  expect(now).toHaveTextContent("not acknowledged");
  expect(await findViolations(container)).toEqual([]);
});

test("the history is filtered and paged by its address", async () => {
  api.answers["alerts/history"] = ok(aHistoryAnswer([aPastAlert()], "next"));
  const { address } = renderAt("/alerts?view=history&cursor=x", <AlertsPage />);
  await screen.findByRole("option", { name: "queue growing" });
  await userEvent.selectOptions(screen.getByLabelText("Rule"), "queue_growing");
  await userEvent.selectOptions(screen.getByLabelText("Time"), "30d");
  expect(address()).toBe("/alerts?view=history&rule=queue_growing&within=30d");
  await waitFor(() => {
    expect(api.asked.at(-1)?.search).toBe("?period=30d&rule=queue_growing&limit=25");
  });
  expect(screen.getByRole("link", { name: "Older" })).toHaveAttribute("href", expect.stringContaining("cursor=next"));
});

test("the rules in force are listed in sentences", async () => {
  const { container } = renderAt("/alerts?view=rules", <AlertsPage />);
  const row = within(await screen.findByRole("list", { name: "Rules" })).getByRole("listitem");
  expect(row).toHaveTextContent("Raised when the age of the oldest waiting event is above 1 minute for 1 minute.");
  expect(await findViolations(container)).toEqual([]);
});
