import { ServiceCards } from "@/features/services/ServiceCards";
import { findViolations } from "@/test/findViolations";
import { aService, aStatsAnswer } from "@/test/fixtures";
import { renderAt } from "@/test/renderAt";
import { aServiceTrendsAnswer } from "@/test/serviceTrends";
import type { Loadable } from "@/types/loadable";
import type { ServiceTrendsAnswer } from "@/types/api";
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

vi.mock("uplot", async () => ({ default: (await import("@/test/fakePlot")).FakePlot }));

function show(source: Partial<Loadable<ServiceTrendsAnswer>>, address = "/services"): ReturnType<typeof renderAt> {
  const trends = { data: undefined, error: null, retry: () => undefined, ...source };
  return renderAt(address, <ServiceCards trends={trends} stats={aStatsAnswer()} isCurrent />);
}

test("each service has its figures, in the order of the flow", async () => {
  const { container } = show({ data: aServiceTrendsAnswer() });
  expect(screen.getAllByRole("heading", { level: 2 }).map(({ textContent }) => textContent)).toEqual(["WebSocket ingestion", "Admin API"]);
  const card = screen.getByRole("region", { name: "WebSocket ingestion" });
  expect(within(card).getAllByRole("button").map(({ textContent }) => textContent)).toEqual([
    expect.stringMatching(/^Rate.*60$/),
    expect.stringMatching(/^Latency.*1.3 ms$/),
    expect.stringMatching(/^Success.*100 %$/),
    expect.stringMatching(/^Errors.*8$/),
    expect.stringMatching(/^Queue.*0$/),
    expect.stringMatching(/^Lag.*10 ms$/),
  ]);
  expect(await findViolations(container)).toEqual([]);
});

test("a figure opens its chart, which is in the address", async () => {
  const { address, container } = show({ data: aServiceTrendsAnswer() });
  await userEvent.click(within(screen.getByRole("region", { name: "WebSocket ingestion" })).getByRole("button", { name: /^Latency/ }));
  expect(address()).toBe("/services?chart=websocket-ingestion.latency");
  expect(await screen.findByRole("slider", { name: "Latency, WebSocket ingestion: time" })).toBeInTheDocument();
  const table = screen.getByRole("table", { name: "Latency, WebSocket ingestion, by time" });
  expect(within(table).getAllByRole("row").map((row) => row.textContent)).toContain("11:55–12:001.1 ms0.2 ms0.4 ms");
  expect(await findViolations(container)).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Close" }));
  expect(address()).toBe("/services");
});

test("an address opens the same chart", async () => {
  show({ data: aServiceTrendsAnswer() }, "/services?chart=admin-api.queue");
  expect(await screen.findByRole("heading", { name: "Queue, Admin API" })).toBeInTheDocument();
});

test("the table can be seen by everyone", async () => {
  show({ data: aServiceTrendsAnswer() }, "/services?chart=admin-api.queue");
  await userEvent.click(await screen.findByRole("checkbox", { name: "Show as table" }));
  expect(screen.getByRole("table").closest(".sr-only")).toBeNull();
});

test("a service that did not answer is named with the reason", () => {
  show({ data: aServiceTrendsAnswer({ trends: {}, unknown: { "enrichment-pipeline": "no answer within 2 s" } }) });
  expect(screen.getByText(/Enrichment pipeline: no answer: no answer within 2 s/)).toBeInTheDocument();
});

test("a service that has been silent for long is marked", () => {
  const lastSeen = new Date(Date.now() - 600_000).toISOString();
  const services = { "admin-api": aService({ service: "admin-api", last_seen: lastSeen }) };
  const { metrics } = aStatsAnswer();
  renderAt(
    "/services",
    <ServiceCards
      trends={{ data: aServiceTrendsAnswer(), error: null, retry: () => undefined }}
      stats={aStatsAnswer({ metrics: { ...metrics, services } })}
      isCurrent
    />,
  );
  expect(screen.getByText("last report 10 min ago")).toBeInTheDocument();
});

test("a service without a report has a message", () => {
  show({ data: aServiceTrendsAnswer({ trends: {} }) });
  expect(screen.getByText("No service has reported in this time")).toBeInTheDocument();
});
