import { HeartbeatsCard } from "@/features/heartbeats/HeartbeatsCard";
import { findViolations } from "@/test/findViolations";
import { aHeartbeatsAnswer } from "@/test/fixtures";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

const show = () => render(<HeartbeatsCard heartbeats={{ data: aHeartbeatsAnswer(), error: null, retry: () => undefined }} />).container;
const bar = () => screen.getByRole("slider", { name: "WebSocket ingestion: heartbeats of the last 24 hours" });

test("each service has its share and its bar; axe finds nothing", async () => {
  const container = show();
  expect(screen.getByText("up 97.9 % of the time")).toBeInTheDocument();
  expect(bar()).toHaveAttribute("aria-valuemax", "95");
  expect(await findViolations(container)).toEqual([]);
});

test("the table has a row for each span of one state", () => {
  show();
  const rows = within(screen.getByRole("table", { name: "Heartbeats of WebSocket ingestion" })).getAllByRole("row");
  expect(rows.map((row) => row.textContent)).toEqual([
    "FromToState",
    "23 Nov, 12:0023 Nov, 22:00up",
    "23 Nov, 22:0023 Nov, 22:30no report",
    "23 Nov, 22:3012:00up",
  ]);
});

test("the arrow keys go through the beats, the newest first", async () => {
  show();
  bar().focus();
  await userEvent.keyboard("{ArrowLeft}");
  expect(bar()).toHaveAttribute("aria-valuetext", "11:45–12:00: up, 15 of 15 minutes with a report");
  await userEvent.keyboard("{Home}{ArrowLeft}");
  expect(bar()).toHaveAttribute("aria-valuenow", "0");
  await userEvent.tab();
  expect(bar()).toHaveAttribute("aria-valuetext", "no time selected");
});

test("uptime since the first report is not that of the whole day", () => {
  const data = aHeartbeatsAnswer();
  const services = data.services.map((service) => ({
    ...service,
    uptime_percent: 100,
    slots: service.slots.map((slot, at) => (at < 92 ? { ...slot, state: "unknown" as const } : slot)),
  }));
  render(<HeartbeatsCard heartbeats={{ data: { ...data, services }, error: null, retry: () => undefined }} />);
  expect(screen.getByText("up 100 % since 11:00")).toBeInTheDocument();
});
