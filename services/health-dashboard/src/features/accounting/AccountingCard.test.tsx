import { AccountingCard } from "@/features/accounting/AccountingCard";
import { findViolations } from "@/test/findViolations";
import { anAccount, anAccountingAnswer } from "@/test/fixtures";
import type { AccountingAnswer } from "@/types/api";
import { render, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";

const show = (services: AccountingAnswer["services"]) => {
  const accounting = { data: anAccountingAnswer(services), error: null, retry: () => undefined };
  return render(<AccountingCard period="1h" accounting={accounting} />).container;
};
const rows = () => within(screen.getByRole("list")).getAllByRole("listitem");

test("each part has its number, its share and a place to look at it", async () => {
  const container = show({ "websocket-ingestion": anAccount() });
  expect(rows().map((row) => row.textContent)).toEqual([
    "Stored3,56098.9 %, in the store",
    "Waiting0captured, not yet stored",
    "Duplicate120.33 %, stored before",
    "Filtered200.56 %, dropped by a filter",
    "Rejected80.22 %, saved with the reason",
    "Expired0older than the retention of the store",
    "Failed0unreadable after damage on disk",
  ]);
  expect(screen.getByRole("link", { name: "Rejected" })).toHaveAttribute("href", "/records");
  expect(screen.getByText("All events are accounted for.")).toBeInTheDocument();
  expect(await findViolations(container)).toEqual([]);
});

test("an account that does not add up shows the difference", () => {
  show({ "websocket-ingestion": anAccount({ difference: 3, adds_up: false }) });
  expect(screen.getByText("3 have no outcome and are not queued.")).toBeInTheDocument();
  expect(screen.queryByText("All events are accounted for.")).toBeNull();
});

test("so does that of another service", () => {
  show({ "websocket-ingestion": anAccount(), "enrichment-pipeline": anAccount({ difference: -1, adds_up: false }) });
  expect(screen.getByText("1 more outcomes than received events: reports are missing.")).toBeInTheDocument();
});

test("events queued before the period are part of the sum", () => {
  show({ "websocket-ingestion": anAccount({ received: 100, written: 130, duplicate: 0, filtered: 0, rejected: 0, queued_at_start: 30 }) });
  expect(screen.getByText(/100 events received/).closest("p")).toHaveTextContent("100 events received, 30 more were waiting before.");
});

test("an unknown balance is not 0", () => {
  show({});
  expect(screen.getByText("Not known for this period")).toBeInTheDocument();
  expect(screen.queryByRole("list")).toBeNull();
});
