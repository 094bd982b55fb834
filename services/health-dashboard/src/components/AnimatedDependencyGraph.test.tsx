import { AnimatedDependencyGraph } from "@/components/AnimatedDependencyGraph";
import { findViolations } from "@/test/findViolations";
import { aFlowOfHomes, aFlowWithoutStore, aTopology, withChanges } from "@/test/flowFixtures";
import type { TopologyAnswer } from "@/types/flow";
import { act, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

function show(topology: TopologyAnswer, { isStale = false, selected = null as string | null } = {}) {
  const onSelect = vi.fn();
  const { container } = render(<AnimatedDependencyGraph topology={topology} isStale={isStale} selected={selected} onSelect={onSelect} />);
  const line = (from: string, to: string) => container.querySelector(`[data-connection="${from}→${to}"]`);
  return { container, onSelect, line, dots: () => container.querySelectorAll("[data-dots] > *").length };
}

const part = (name: RegExp) => screen.getByRole("button", { name });

test("every part is a button with its status", () => {
  show(withChanges(aTopology(), { "websocket-ingestion": { queue_depth: 177 }, weather: { rate_per_minute: null } }));
  expect(part(/^WebSocket ingestion\s*Healthy\s*60\s*\/min\s*177 waiting$/)).toBeInTheDocument();
  expect(part(/^Weather\s*Healthy$/)).toBeInTheDocument();
  expect(screen.getAllByRole("button")).toHaveLength(7);
});

test("several homes are several parts", () => {
  show(aFlowOfHomes(["home", "cabin", "lake"]));
  expect(screen.getAllByRole("button", { name: /^Home Assistant/ })).toHaveLength(3);
});

// plan: 5.1
test("lines have the type and state of their connection", () => {
  const { line } = show(aTopology());
  expect(line("enrichment-pipeline", "influxdb")).toHaveAttribute("data-type", "storage");
  expect(line("influxdb", "admin-api")).toHaveAttribute("data-type", "query");
  expect(line("admin-api", "health-dashboard")).toHaveAttribute("data-state", "flowing");
});

// plan: 5.1
test("from the enrichment-pipeline to the Admin API there is a line only in fallback, and it is dashed", () => {
  expect(show(aTopology()).line("enrichment-pipeline", "admin-api")).toBeNull();
  const { line } = show(aFlowWithoutStore());
  expect(line("enrichment-pipeline", "health-dashboard")).toBeNull();
  expect(line("enrichment-pipeline", "admin-api")?.querySelector("[stroke-dasharray]")).not.toBeNull();
  expect(line("admin-api", "health-dashboard")?.querySelector("[stroke-dasharray]")).toBeNull();
});

// plan: 5.2
test("the legend names the colours", () => {
  show(aTopology());
  const entries = within(screen.getByRole("list", { name: "Legend" })).getAllByRole("listitem");
  expect(entries.map(({ textContent }) => textContent)).toEqual(["Storage (Write)", "Query (Read)", "WebSocket", "API"]);
  expect(entries.map(({ firstElementChild }) => /text-flow-\w+/.exec(firstElementChild?.className ?? "")?.[0])).toEqual([
    "text-flow-storage",
    "text-flow-query",
    "text-flow-websocket",
    "text-flow-api",
  ]);
});

test("waiting connections do not move, and connections to unavailable parts are interrupted", () => {
  const { line, container } = show(aFlowWithoutStore());
  expect(line("websocket-ingestion", "enrichment-pipeline")).toHaveAttribute("data-state", "waiting");
  expect(line("enrichment-pipeline", "influxdb")).toHaveAttribute("data-state", "interrupted");
  expect(container).toHaveTextContent("1,770 waiting");
  expect(container).toHaveTextContent("Interrupted");
});

test("an unknown rate moves no dot, and neither does an idle connection", () => {
  const edges = Object.fromEntries(aTopology().edges.map(({ id }) => [id, { rate_per_minute: null }]));
  expect(show(withChanges(aTopology(), {}, edges)).dots()).toBe(0);
  const idle = Object.fromEntries(aTopology().edges.map(({ id }) => [id, { rate_per_minute: 0, active: false }]));
  expect(show(withChanges(aTopology(), {}, idle)).dots()).toBe(0);
});

test("dots move while events flow; not with reduced motion, in a hidden tab or with stale data", () => {
  expect(show(aTopology()).dots()).toBeGreaterThan(5);
  expect(show(aTopology(), { isStale: true }).dots()).toBe(0);

  const shown = show(aTopology());
  vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  act(() => {
    document.dispatchEvent(new Event("visibilitychange"));
  });
  expect(shown.dots()).toBe(0);
  vi.restoreAllMocks();

  vi.spyOn(window, "matchMedia").mockImplementation((query) => ({ matches: query.includes("reduce"), addEventListener: () => undefined, removeEventListener: () => undefined }) as never);
  expect(show(aTopology()).dots()).toBe(0);
});

test("new numbers do not start the dots anew", () => {
  const animate = vi.spyOn(Element.prototype, "animate");
  const draw = (topology: TopologyAnswer) => <AnimatedDependencyGraph topology={topology} isStale={false} selected={null} onSelect={() => undefined} />;
  const { rerender } = render(draw(aTopology()));
  const started = animate.mock.calls.length;
  expect(started).toBeGreaterThan(5);
  rerender(draw(withChanges(aTopology(), { influxdb: { rate_per_minute: 61 } }, { "enrichment-pipeline→influxdb": { rate_per_minute: 61 } })));
  expect(animate.mock.calls.length).toBe(started);
});

test("arrow keys lead through the parts, Enter shows one", async () => {
  const { onSelect } = show(aTopology());
  part(/^Home Assistant/).focus();
  await userEvent.keyboard("{ArrowRight}{ArrowRight}");
  expect(part(/^Enrichment pipeline/)).toHaveFocus();
  await userEvent.keyboard("{ArrowDown}{ArrowLeft}{ArrowLeft}");
  expect(part(/^Dashboard/)).toHaveFocus();
  await userEvent.keyboard("{Enter}");
  expect(onSelect.mock.calls).toEqual([["health-dashboard"]]);
});

test("the selected part is marked", () => {
  show(aTopology(), { selected: "admin-api" });
  expect(part(/^Admin API/)).toHaveAttribute("aria-pressed", "true");
  expect(part(/^Weather/)).toHaveAttribute("aria-pressed", "false");
});

test("names are text", () => {
  const { container } = show(withChanges(aTopology(), { influxdb: { label: "<img src=x>" } }));
  expect(part(/^<img src=x>/)).toBeInTheDocument();
  expect(container.querySelector("img")).toBeNull();
});

test("axe finds nothing wrong", async () => {
  const { container } = show(aFlowWithoutStore(), { selected: "influxdb" });
  expect(await findViolations(container)).toEqual([]);
});
