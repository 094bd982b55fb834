import { ComparisonView } from "@/features/records/comparison/ComparisonView";
import { FakeApi, ok } from "@/test/fakeApi";
import { findViolations } from "@/test/findViolations";
import { NOW } from "@/test/fixtures";
import { renderAt } from "@/test/renderAt";
import type { ComparisonAnswer } from "@/types/api";
import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";

const ANSWER: ComparisonAnswer = {
  enabled: true,
  tolerance_percent: 5,
  answers_compared: 120,
  answers_differing: 1,
  answers_not_compared: 2,
  answers_not_covered: 3,
  fields: { total_events: { compared: 120, differing: 0, largest_percent: 0 }, "services.events_processed": { compared: 240, differing: 1, largest_percent: 13.4 } },
  differences: [
    {
      time: NOW,
      question: '{"time":{"period":"1h"},"window":null}',
      field: "services.enrichment-pipeline.events_processed",
      store: 3580,
      services: 3100,
      difference_percent: 13.4,
    },
  ],
};

function show(change: Partial<ComparisonAnswer>): HTMLElement {
  new FakeApi().install().answers["stats/comparison"] = ok({ ...ANSWER, ...change });
  return renderAt("/records?view=comparison", <ComparisonView />).container;
}

test("differences are named with both values", async () => {
  const container = show({});
  expect(await screen.findByText("Both sources differ in 1 of 120 compared answers.")).toBeInTheDocument();
  expect(screen.getByText(/2 answers could not be compared/)).toBeInTheDocument();
  expect(screen.getByText(/3 answers were not compared, since the services remember less/)).toBeInTheDocument();
  const newest = within(screen.getByRole("table", { name: "Newest differences" }));
  expect(newest.getByText("Events written, enrichment-pipeline")).toBeInTheDocument();
  expect(newest.getByText("last 1h")).toBeInTheDocument();
  expect(newest.getByText("3,580")).toBeInTheDocument();
  const figures = within(screen.getByRole("table", { name: "By figure" })).getAllByRole("row");
  expect(figures[1]).toHaveTextContent("Events written, each service240113.4 %");
  expect(await findViolations(container)).toEqual([]);
});

test("agreement is shown in a sentence", async () => {
  show({ answers_differing: 0, differences: [] });
  expect(await screen.findByText("Both sources agree in 120 compared answers.")).toBeInTheDocument();
});

test("without a comparison the page links to the switch", async () => {
  show({ enabled: false, answers_compared: 0, fields: {}, differences: [] });
  expect(await screen.findByText(/Nothing is being compared/)).toBeInTheDocument();
  expect(screen.getByRole("link", { name: "Statistics settings" })).toHaveAttribute("href", "/settings?view=statistics");
  expect(screen.queryByText(/No answers were compared yet/)).toBeNull();
});
