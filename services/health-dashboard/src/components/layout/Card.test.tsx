import { Card } from "@/components/layout/Card";
import { useNow } from "@/hooks/useNow";
import { setFreshness } from "@/lib/freshness";
import { NOW_MS } from "@/test/fixtures";
import type { Stale } from "@/utils/time/staleBecause";
import { act, render, screen } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, test, vi } from "vitest";

function Clock(): ReactNode {
  return <output>{useNow()}</output>;
}

function show(staleBecause: Stale | undefined): void {
  render(
    <Card title="Events" note="newest first" staleBecause={staleBecause}>
      <Clock />
    </Card>,
  );
}

test("stale data has its time and reason, and ages do not change", () => {
  vi.useFakeTimers();
  show({ asOfMs: NOW_MS, reason: "The store does not answer" });
  expect(screen.getByText(/12:00:30$/)).toHaveAttribute("title", "The store does not answer");
  act(() => {
    vi.advanceTimersByTime(5000);
  });
  expect(screen.getByRole("status")).toHaveTextContent(String(NOW_MS));
});

test("the reason is left to the banner where there is one", () => {
  setFreshness({ asOfMs: null, hasBanner: true });
  show({ asOfMs: NOW_MS, reason: "The store does not answer" });
  expect(screen.queryByText(/The store does not answer/)).toBeNull();
});

test("without any answers a card is stale before its next request", () => {
  setFreshness({ asOfMs: NOW_MS, hasBanner: true });
  show(undefined);
  expect(screen.getByText(/^as of /)).toBeInTheDocument();
});

test("a card without fetched data is never stale", () => {
  setFreshness({ asOfMs: NOW_MS, hasBanner: true });
  render(<Card title="Theme">light</Card>);
  expect(screen.queryByText(/as of/)).toBeNull();
});

test("current data has its note, and ages change", () => {
  vi.useFakeTimers({ now: NOW_MS });
  show(undefined);
  expect(screen.getByText("newest first")).toBeInTheDocument();
  const before = screen.getByRole("status").textContent;
  act(() => {
    vi.advanceTimersByTime(5000);
  });
  expect(screen.getByRole("status").textContent).not.toBe(before);
});
