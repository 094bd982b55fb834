import { RecordsCard } from "@/features/records/RecordsCard";
import type { Records } from "@/features/records/describeRecords";
import { findViolations } from "@/test/findViolations";
import { aBackfill, aGap, aGapsAnswer, aRejectedAnswer } from "@/test/fixtures";
import type { Loadable } from "@/types/loadable";
import { render, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";

function show(source: Partial<Loadable<Records>>): Element {
  return render(<RecordsCard records={{ data: undefined, error: null, retry: () => undefined, ...source }} />).container;
}

const READY = { gaps: aGapsAnswer({ open: 2 }), rejected: aRejectedAnswer(), filling: null };
const EMPTY = { gaps: aGapsAnswer({ gaps: [] }), rejected: aRejectedAnswer({ events: [], counts: {} }), filling: null };

test("loading says so to screen readers", () => {
  show({});
  expect(screen.getByRole("status")).toHaveTextContent("Loading");
});

test("without gaps and rejected events it says what would be told", () => {
  show({ data: EMPTY });
  expect(screen.getByText("No gaps, nothing rejected")).toBeInTheDocument();
});

test("an error is announced", () => {
  show({ error: new Error("The store does not answer") });
  expect(screen.getByRole("alert")).toHaveTextContent("The store does not answer");
});

test("it tells gaps with what is lost, and the newest rejected with reason and count", async () => {
  const container = show({ data: READY });
  const gaps = within(screen.getByRole("list", { name: "Gaps" }));
  expect(gaps.getByText(/closed, 1,204 changes recovered/)).toHaveTextContent("Home Assistant keeps no history");
  expect(screen.getByText("3 rejected: missing field 3")).toBeInTheDocument();
  const rejected = within(screen.getByRole("list", { name: "Rejected events" }));
  expect(rejected.getByText("time_fired should be there")).toBeInTheDocument();
  expect(screen.getByText("2 open")).toBeInTheDocument();
  expect(await findViolations(container)).toEqual([]);
});

test("gaps alone leave no doubt that nothing was rejected", () => {
  show({ data: { ...READY, rejected: EMPTY.rejected } });
  expect(screen.getByText("Nothing rejected")).toBeInTheDocument();
});

test("old records stay while a refresh fails, marked as old", () => {
  show({ data: { ...READY, gaps: aGapsAnswer({ gaps: [aGap()] }) }, error: new Error("gone") });
  expect(screen.getByText("not current", { exact: false })).toBeInTheDocument();
});

test("history that is fetched shows how far it is, and nothing as lost", async () => {
  const container = show({ data: { ...EMPTY, filling: aBackfill() } });
  expect(screen.getByRole("progressbar", { name: /^Fetching the history of .* 12,345 changes so far$/ })).toHaveValue(43.7);
  expect(screen.getByText("43.7 %")).toBeInTheDocument();
  expect(screen.getByText("No gaps")).toBeInTheDocument();
  expect(await findViolations(container)).toEqual([]);
});

test("rejected events are shown while the store can't tell the gaps, and the other way round", () => {
  show({ data: { ...READY, gaps: null }, error: new Error("The store is damaged") });
  expect(screen.getByText("3 rejected: missing field 3")).toBeInTheDocument();
  expect(screen.getByText("Gaps are not known")).toBeInTheDocument();
  show({ data: { ...EMPTY, rejected: null }, error: new Error("gone") });
  expect(screen.getByText("Rejected events are not known")).toBeInTheDocument();
});
