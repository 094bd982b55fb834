import { TimeSeriesChart } from "@/components/TimeSeriesChart";
import { aChart } from "@/test/aChart";
import { FakePlot } from "@/test/fakePlot";
import { findViolations } from "@/test/findViolations";
import { act, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";

vi.mock("uplot", async () => ({ default: (await import("@/test/fakePlot")).FakePlot }));

beforeEach(() => {
  FakePlot.made = [];
  vi.spyOn(HTMLElement.prototype, "getBoundingClientRect").mockReturnValue({ width: 600 } as DOMRect);
});

function setVisibility(state: "visible" | "hidden"): void {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue(state);
  act(() => {
    document.dispatchEvent(new Event("visibilitychange"));
  });
}

test("the chart has a table with the same numbers, and axe finds nothing", async () => {
  const { container } = render(<TimeSeriesChart chart={aChart()} />);
  await screen.findByRole("slider");
  const rows = within(screen.getByRole("table", { name: "Events per minute, by time" })).getAllByRole("row");
  expect(rows.map((row) => row.textContent)).toEqual([
    "TimeRate",
    "12:00–12:0158 per minute",
    "12:01–12:02–",
    "12:02–12:0362 per minute",
  ]);
  expect(await findViolations(container)).toEqual([]);
});

test("the chart is drawn with its first rendering, before its width is observed", () => {
  vi.stubGlobal("ResizeObserver", class { observe = vi.fn(); disconnect = vi.fn(); });
  render(<TimeSeriesChart chart={aChart()} />);
  expect(FakePlot.made).toHaveLength(1);
});

test("the arrow keys read each value", async () => {
  render(<TimeSeriesChart chart={aChart()} />);
  const slider = await screen.findByRole("slider", { name: "Events per minute: time" });
  expect(slider).toHaveAttribute("aria-valuetext", "No time selected");
  act(() => {
    slider.focus();
  });
  await userEvent.keyboard("{ArrowLeft}");
  expect(slider).toHaveAttribute("aria-valuetext", "12:02–12:03: Rate 62 per minute");
  await userEvent.keyboard("{Home}");
  expect(slider).toHaveAttribute("aria-valuetext", "12:00–12:01: Rate 58 per minute");
  await userEvent.keyboard("{ArrowLeft}{ArrowRight}");
  expect(slider).toHaveAttribute("aria-valuetext", "12:01–12:02: Rate –");
  await userEvent.tab();
  expect(slider).toHaveAttribute("aria-valuetext", "No time selected");
});

test("new numbers are drawn on the same canvas", async () => {
  const { rerender } = render(<TimeSeriesChart chart={aChart()} />);
  await screen.findByRole("slider");
  rerender(<TimeSeriesChart chart={aChart({ series: [{ label: "Rate", values: [1, 2, 3] }] })} />);
  expect(FakePlot.made).toHaveLength(1);
  expect(FakePlot.last.data[1]).toEqual([1, 2, 3]);
});

test("another set of lines is another canvas", async () => {
  const { rerender } = render(<TimeSeriesChart chart={aChart()} />);
  await screen.findByRole("slider");
  rerender(<TimeSeriesChart chart={aChart({ series: [{ label: "p50", values: [1] }, { label: "p95", values: [2] }] })} />);
  expect(FakePlot.made).toHaveLength(2);
  expect(FakePlot.made[0]?.isDestroyed).toBe(true);
});

test("a hidden tab draws nothing, and the newest numbers when it is visible again", async () => {
  const { rerender } = render(<TimeSeriesChart chart={aChart()} />);
  await screen.findByRole("slider");
  const before = FakePlot.last;
  const drawings = before.drawings;
  setVisibility("hidden");
  rerender(<TimeSeriesChart chart={aChart({ series: [{ label: "Rate", values: [1, 2, 3] }] })} />);
  expect(before.drawings).toBe(drawings);
  setVisibility("visible");
  expect(FakePlot.last.data[1]).toEqual([1, 2, 3]);
});

test("a sparkline has no table and cannot be focused", async () => {
  const { container } = render(<TimeSeriesChart chart={aChart()} size="small" />);
  await vi.waitFor(() => {
    expect(FakePlot.made).toHaveLength(1);
  });
  expect(container.querySelector("table, [tabindex]")).toBeNull();
});
