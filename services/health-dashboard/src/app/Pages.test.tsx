import { App } from "@/app/App";
import { FakeApi, ok } from "@/test/fakeApi";
import { findViolations } from "@/test/findViolations";
import { anAlert, anAlertsAnswer } from "@/test/fixtures";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";

vi.mock("uplot", () => ({
  default: class {
    setData(): void {
      // Nothing is drawn.
    }
    destroy(): void {
      // Nothing was drawn.
    }
  },
}));

let api: FakeApi;

beforeEach(() => {
  api = new FakeApi().install();
});

function open(address: string): void {
  history.replaceState(null, "", address);
  render(<App />);
}

test.each([
  ["/flow", "Data flow"],
  ["/entities", "Entities"],
  ["/events", "Events"],
  ["/services", "Services"],
  ["/alerts", "Alerts"],
  ["/records", "Records"],
  ["/settings", "Settings"],
])("%s is the page %s, and the navigation marks it", async (path, title) => {
  open(path);
  expect(await screen.findByRole("heading", { level: 1, name: title })).toBeInTheDocument();
  const current = within(screen.getByRole("navigation", { name: "Pages" })).getByRole("link", { current: "page" });
  expect(current).toHaveTextContent(title);
  expect(document.title).toBe(`${title} · HA Ingestor`);
});

test('an unknown address shows "not found" with a link to the overview', async () => {
  open("/nothing/here");
  await userEvent.click(await screen.findByRole("link", { name: "Open the overview" }));
  expect(await screen.findByText("Everything is being captured and stored")).toBeInTheDocument();
  expect(location.pathname).toBe("/");
});

test("the whole dashboard works below a prefix", async () => {
  document.querySelector("base")?.setAttribute("href", "/api/hassio_ingress/a%20token/");
  try {
    open("/api/hassio_ingress/a%20token/services?period=7d");
    expect(await screen.findByRole("heading", { level: 1, name: "Services" })).toBeInTheDocument();
    await waitFor(() => {
      expect(api.asked.map((url) => url.pathname)).toContain("/api/hassio_ingress/a%20token/api/v1/stats");
    });
    await userEvent.click(screen.getByRole("link", { name: "Records" }));
    expect(location.pathname).toBe("/api/hassio_ingress/a%20token/records");
    expect(location.search).toBe("?period=7d");
  } finally {
    document.querySelector("base")?.setAttribute("href", "/");
  }
});

test("a period is in the address, and Back undoes it", async () => {
  open("/services");
  await userEvent.click(await screen.findByRole("radio", { name: "Last 30 days" }));
  expect(location.search).toBe("?period=30d");
  expect(screen.getByRole("radio", { name: "Last 30 days" })).toBeChecked();
  history.back();
  await waitFor(() => {
    expect(screen.getByRole("radio", { name: "Last hour" })).toBeChecked();
  });
});

test("a free range is asked for as it was typed, in the viewer's zone", async () => {
  open("/services?period=24h");
  await userEvent.click(await screen.findByRole("radio", { name: "Custom range" }));
  await userEvent.clear(screen.getByLabelText("From"));
  await userEvent.type(screen.getByLabelText("From"), "2026-11-23T10:00");
  await userEvent.clear(screen.getByLabelText("To"));
  await userEvent.type(screen.getByLabelText("To"), "2026-11-22T10:00");
  await userEvent.click(screen.getByRole("button", { name: "Apply" }));
  expect(screen.getByRole("alert")).toHaveTextContent("The start must be before the end.");
  await userEvent.clear(screen.getByLabelText("To"));
  await userEvent.type(screen.getByLabelText("To"), "2026-11-23T12:00");
  await userEvent.click(screen.getByRole("button", { name: "Apply" }));
  await waitFor(() => {
    expect(api.asked.map((url) => url.search)).toContain("?start=2026-11-23T10%3A00%3A00.000Z&end=2026-11-23T12%3A00%3A00.000Z");
  });
  expect(screen.getByRole("button", { name: /23 Nov.*10:00.* – 23 Nov.*12:00/ })).toBeInTheDocument();
  expect(screen.getByRole("radio", { name: "Custom range" })).toBeChecked();
});

test("active alerts are counted at their entry", async () => {
  api.answers["stats/alerts"] = ok(anAlertsAnswer([anAlert()]));
  open("/flow");
  expect(await screen.findByRole("link", { name: /Alerts.*1 active alert/ })).toBeInTheDocument();
});

test("a phone has a bar of four pages, and the others behind More", async () => {
  vi.spyOn(window, "matchMedia").mockImplementation(
    (query) => ({ matches: query.includes("max-width"), media: query, addEventListener: () => undefined, removeEventListener: () => undefined }) as never,
  );
  open("/flow");
  const more = await screen.findByRole("button", { name: "More" });
  expect(screen.queryByRole("link", { name: "Settings" })).toBeNull();
  await userEvent.click(more);
  expect(more).toHaveAttribute("aria-expanded", "true");
  await userEvent.keyboard("{Escape}");
  expect(screen.queryByRole("link", { name: "Settings" })).toBeNull();
  await userEvent.click(more);
  await userEvent.click(screen.getByRole("link", { name: "Settings" }));
  expect(await screen.findByRole("heading", { level: 1, name: "Settings" })).toBeInTheDocument();
  expect(screen.queryByRole("link", { name: "Settings" })).toBeNull();
});

test("after a navigation the focus is in the new page", async () => {
  open("/flow");
  await userEvent.click(await screen.findByRole("link", { name: "Records" }));
  await screen.findByRole("heading", { level: 1, name: "Records" });
  expect(screen.getByRole("main")).toHaveFocus();
});

test("axe finds nothing wrong with the frame", async () => {
  open("/flow");
  await screen.findByRole("heading", { level: 1, name: "Data flow" });
  expect(await findViolations(document.body)).toEqual([]);
});
