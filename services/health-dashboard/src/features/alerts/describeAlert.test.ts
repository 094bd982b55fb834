import { announcement, markWords } from "@/features/alerts/describeAlert";
import { anAlert, NOW_MS, timeAt } from "@/test/fixtures";
import { expect, test } from "vitest";

test("an alert without acknowledgement and silence has no note", () => {
  expect(markWords(anAlert(), NOW_MS)).toBe("");
});

test("acknowledgement and silence are described", () => {
  const alert = anAlert({ acknowledged: timeAt(NOW_MS - 60_000), acknowledged_by: "phone", silenced_until: timeAt(NOW_MS + 86_400_000) });
  expect(markWords(alert, NOW_MS)).toMatch(/^acknowledged \d\d:\d\d by phone, silenced until 25 Nov, \d\d:\d\d$/);
});

test("the announcement names each alert", () => {
  expect(announcement([])).toBe("");
  expect(announcement([anAlert()])).toBe("1 alert: warning, queue growing, WebSocket ingestion");
  expect(announcement([anAlert(), anAlert({ level: "critical", rule: "lag", service: "store" })])).toBe(
    "2 alerts: warning, queue growing, WebSocket ingestion; critical, lag, Store",
  );
});
