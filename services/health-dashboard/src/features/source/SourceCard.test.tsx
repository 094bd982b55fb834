import { SourceCard } from "@/features/source/SourceCard";
import { findViolations } from "@/test/findViolations";
import { aStatsAnswer } from "@/test/fixtures";
import type { StatsAnswer } from "@/types/api";
import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";

const show = (change: Partial<StatsAnswer> | null) => {
  const stats = { data: change === null ? undefined : aStatsAnswer(change), error: null, retry: () => undefined };
  return render(<SourceCard stats={stats} deployment="separate" />).container;
};

test.each([
  ["embedded", "The embedded store"],
  ["influxdb", "InfluxDB"],
  ["services", "The memory of the services"],
  ["services-fallback", "The memory of the services"],
] as const)("%s is named", async (source, name) => {
  const container = show({ source });
  expect(screen.getByText(name)).toBeInTheDocument();
  expect(await findViolations(container)).toEqual([]);
});

test("a source that is chosen can be changed; a fallback cannot", () => {
  show({ source: "services" });
  expect(screen.getByRole("link", { name: "Change the source" })).toHaveAttribute("href", "/settings");
});

test("since when is counted is shown, and for the store that nothing was captured before", () => {
  const coverage = { start: "2026-11-24T11:40:00.000000+00:00", end: "2026-11-24T12:00:00.000000+00:00", complete: false };
  show({ coverage });
  expect(screen.getByText("Counted since 11:40: nothing was captured before.")).toBeInTheDocument();
  show({ coverage, source: "services-fallback" });
  expect(screen.getByText("Counted since 11:40.")).toBeInTheDocument();
});

test("before the first answer the source is unknown", () => {
  show(null);
  expect(screen.getByText("Unknown")).toBeInTheDocument();
});
