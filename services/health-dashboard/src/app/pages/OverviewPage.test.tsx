import { App } from "@/app/App";
import { FakeApi, failing, never } from "@/test/fakeApi";
import { render, screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

vi.mock("uplot", async () => ({ default: (await import("@/test/fakePlot")).FakePlot }));

const LATER = ["accounting", "entities/silent", "stats/heartbeats"];
let api: FakeApi;

beforeEach(() => {
  api = new FakeApi().install();
});

function open(): void {
  history.replaceState(null, "", "/");
  render(<App />);
}

function asked(): string[] {
  return api.asked.map(({ pathname }) => pathname.replace("/api/v1/", ""));
}

test("the statistics are the first request, and sent once", async () => {
  open();
  expect(await screen.findByText("Everything is being captured and stored")).toBeInTheDocument();
  expect(asked()[0]).toBe("stats");
  expect(api.asked.filter(({ pathname, search }) => pathname.endsWith("/stats") && search.includes("period="))).toHaveLength(1);
});

test("the requests of the lower cards wait for the statistics", async () => {
  api.answers["stats"] = never();
  open();
  expect(await screen.findByText("Everything is being captured and stored")).toBeInTheDocument();
  expect(asked()).not.toEqual(expect.arrayContaining([expect.stringMatching(new RegExp(`^(${LATER.join("|")})$`))]));
});

test("failed statistics do not delay other requests", async () => {
  api.answers["stats"] = failing("The store does not answer");
  open();
  await waitFor(() => {
    expect(asked()).toEqual(expect.arrayContaining(LATER));
  });
});
