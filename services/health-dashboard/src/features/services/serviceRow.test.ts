import { inFlowOrder, toServiceRow } from "@/features/services/serviceRow";
import { aService, NOW_MS } from "@/test/fixtures";
import { expect, test } from "vitest";

const cell = (label: string, change: Parameters<typeof aService>[0] = {}, nowMs = NOW_MS) =>
  toServiceRow(aService(change), nowMs).cells.find((candidate) => candidate.label === label);

test("a row reads in the order of the columns", () => {
  expect(toServiceRow(aService(), NOW_MS).cells.map(({ text }) => text)).toEqual([
    "60",
    "0.42 ms",
    "1.3 ms",
    "100 %",
    "0",
    "4 s ago",
  ]);
});

test("what is not known is not 0", () => {
  expect(cell("Queue", { queue_depth: null })?.text).toBe("–");
});

test("a service that has not reported for long is marked", () => {
  expect(cell("Last report", {}, NOW_MS + 60_000)).toMatchObject({ text: "1 min ago", isWarning: true });
});

test("a low success is marked, an unknown one is not", () => {
  expect(cell("Success", { success_rate: 96.4 })?.isWarning).toBe(true);
  expect(cell("Success", { success_rate: null })?.isWarning).toBe(false);
});

test("services come in the order of the flow, unknown ones last", () => {
  const names = ["weather", "admin-api", "enrichment-pipeline", "websocket-ingestion"];
  const services = Object.fromEntries(names.map((service) => [service, aService({ service })]));
  expect(inFlowOrder(services).map(({ service }) => service)).toEqual([
    "websocket-ingestion",
    "enrichment-pipeline",
    "admin-api",
    "weather",
  ]);
});

test("a service that did not answer is marked, and nothing of it is 0", () => {
  const nothing = { queue_depth: null, success_rate: null, events_per_minute: null, last_seen: null, error: "refused" };
  expect(cell("Last report", nothing)).toMatchObject({ text: "no answer", isWarning: true });
  expect(cell("Per minute", nothing)?.text).toBe("–");
});
