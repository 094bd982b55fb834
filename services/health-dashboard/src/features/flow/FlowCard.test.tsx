import { FlowCard } from "@/features/flow/FlowCard";
import { navigate } from "@/lib/router";
import { setFreshness } from "@/lib/freshness";
import { findViolations } from "@/test/findViolations";
import { NOW_MS } from "@/test/fixtures";
import { aTopology, withChanges } from "@/test/flowFixtures";
import type { TopologyAnswer } from "@/types/flow";
import type { Loadable } from "@/types/loadable";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

function show(topology: Partial<Loadable<TopologyAnswer>>, address = "/flow") {
  navigate(address, { replace: true });
  return render(<FlowCard topology={{ data: undefined, error: null, retry: () => undefined, ...topology }} isLive={false} />);
}

const address = () => location.search;
const row = (table: string, name: RegExp) => within(screen.getByRole("table", { name: table })).getByRole("row", { name });
const texts = (element: HTMLElement) => [...element.children].map((cell) => cell.textContent);

test("the graph has a table twin", () => {
  show({ data: aTopology() });
  expect(texts(row("Parts", /^Enrichment pipeline/))).toEqual(["Enrichment pipeline", "Healthy", "1.4.0", "3 days", "60", "0", "0"]);
  expect(texts(row("Connections", /^Enrichment pipeline/))).toEqual(["Enrichment pipeline", "InfluxDB", "Storage (Write)", "Active", "60", "6.1 ms", "18 ms"]);
});

test("the choice of the table is kept in the address", async () => {
  show({ data: aTopology() }, "/flow?part=influxdb");
  await userEvent.click(screen.getByRole("radio", { name: "Table" }));
  expect(address()).toBe("?part=influxdb&view=table");
  expect(screen.queryByRole("application")).toBeNull();
  await userEvent.click(within(screen.getByRole("table", { name: "Parts" })).getByRole("button", { name: "Admin API" }));
  expect(address()).toBe("?part=admin-api&view=table");
});

test("a part shows everything that is known about it", async () => {
  show({ data: aTopology() });
  await userEvent.click(screen.getByRole("button", { name: /^Enrichment pipeline/ }));
  const detail = screen.getByRole("region", { name: "Enrichment pipeline" });
  for (const text of ["1.4.0", "3 days", "Errors, last 5 minutes", "From WebSocket ingestion", "p50 1.2 ms, p95 4.8 ms", "To InfluxDB", "store_write_retried", "attempt=2 reason=timeout"]) {
    expect(detail).toHaveTextContent(text);
  }
  expect(address()).toBe("?part=enrichment-pipeline");
  await userEvent.click(within(detail).getByRole("button", { name: "Close" }));
  expect(address()).toBe("");
});

test("unknown values are shown as unknown, not omitted", () => {
  const data = withChanges(aTopology(), { "admin-api": { version: null, uptime_s: null, queue_depth: null, errors: null, rate_per_minute: null } });
  show({ data }, "/flow?part=admin-api");
  expect(within(screen.getByRole("region", { name: "Admin API" })).getAllByText("Unknown")).toHaveLength(5);
});

test("the newest line of the log is first", () => {
  const line = (second: number) => ({ time: `2026-11-24T11:00:0${second}.000000+00:00`, level: "error", event: `event_${second}`, message: "" });
  show({ data: withChanges(aTopology(), { "admin-api": { logs: [line(1), line(2)] } }) }, "/flow?part=admin-api");
  const lines = within(screen.getByRole("list", { name: "Warnings and errors" })).getAllByRole("listitem");
  expect(lines.map(({ textContent }) => /event_\d/.exec(textContent)?.[0])).toEqual(["event_2", "event_1"]);
});

test("a link to a part that no longer exists shows a message", () => {
  show({ data: aTopology() }, "/flow?part=home-assistant:cabin");
  expect(screen.getByText("This part is no longer in the data flow.")).toBeInTheDocument();
});

test("without an answer the last graph stays, grey and still, with its time", () => {
  const { container } = show({ data: aTopology(), error: new Error("The Admin API does not answer"), updatedMs: NOW_MS });
  expect(screen.getByText(/as of .*12:00:30/)).toBeInTheDocument();
  expect(container.querySelector(".is-stale [data-part]")).not.toBeNull();
  expect(container.querySelector("[data-dots]")).toBeNull();
});

test("nothing moves once another answer is missing, before its own is", () => {
  setFreshness({ asOfMs: NOW_MS, hasBanner: true });
  const { container } = show({ data: aTopology() });
  expect(container.querySelector(".is-stale [data-part]")).not.toBeNull();
  expect(container.querySelector("[data-dots]")).toBeNull();
});

const FACES: Readonly<Record<string, Partial<Loadable<TopologyAnswer>>>> = {
  ready: { data: aTopology() },
  loading: {},
  error: { error: new Error("The store does not answer") },
  empty: { data: aTopology({ nodes: [], edges: [] }) },
};

test.each(Object.entries(FACES))("axe finds nothing wrong with the %s face", async (_, topology) => {
  const { container } = show(topology, "/flow?part=influxdb");
  expect(await findViolations(container)).toEqual([]);
});

test("axe finds nothing wrong with the table", async () => {
  const { container } = show({ data: aTopology() }, "/flow?part=influxdb&view=table");
  expect(await findViolations(container)).toEqual([]);
});

test("on a phone the details are a sheet, which Escape closes", async () => {
  vi.spyOn(window, "matchMedia").mockImplementation((query) => ({ matches: query.includes("max-width"), addEventListener: () => undefined, removeEventListener: () => undefined }) as never);
  show({ data: aTopology() });
  await userEvent.click(screen.getByRole("button", { name: /^InfluxDB/ }));
  expect(await screen.findByRole("dialog", { name: "InfluxDB" })).toHaveTextContent("2.7.12");
  await userEvent.keyboard("{Escape}");
  expect(screen.queryByRole("dialog")).toBeNull();
  await waitFor(() => {
    expect(screen.getByRole("button", { name: /^InfluxDB/ })).toHaveFocus();
  });
});
