import { getAlerts } from "@/api/alerts/getAlerts";
import { anAlert, anAlertsAnswer } from "@/test/fixtures";
import { expect, test, vi } from "vitest";

test("an alert on a rate of the period, which the stream does not repeat, is left out", async () => {
  const rate = { level: "error", service: "system", message: "High error rate: 7.5%", timestamp: "2026-11-24T03:12:26Z" };
  const answer = anAlertsAnswer([anAlert()]);
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json({ ...answer, alerts: [...answer.alerts, rate] })));
  expect(await getAlerts()).toEqual([anAlert()]);
});
