import { App } from "@/app/App";
import { access } from "@/lib/access";
import { FakeApi, FakeEventSource, ok, refusing } from "@/test/fakeApi";
import { aHealthAnswer, aSessionAnswer } from "@/test/fixtures";
import { findViolations } from "@/test/findViolations";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

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

afterEach(() => {
  access.set({ isRefused: false });
});

async function refused(): Promise<HTMLElement> {
  api.answerAll(refusing());
  render(<App />);
  return screen.findByLabelText("Token");
}

/** The API as it is for somebody who is signed in. */
function letIn(): void {
  Object.assign(api.answers, new FakeApi().answers, { session: ok(aSessionAnswer({ kind: "session", name: "me" })) });
  api.answers["POST session"] = ok(aSessionAnswer({ kind: "session" }));
}

test("who is refused is asked for a token, and nothing else is shown", async () => {
  expect(await refused()).toHaveFocus();
  expect(screen.getByRole("form", { name: "Sign in to HA Ingestor" })).toBeInTheDocument();
  expect(screen.queryByRole("table")).toBeNull();
  expect(FakeEventSource.last.isClosed).toBe(true);
});

test("a token that counts shows the page and its stream", async () => {
  const input = await refused();
  const opened = FakeEventSource.opened.length;
  letIn();
  await userEvent.type(input, " hai_right{Enter}");
  expect(await screen.findByText("Everything is being captured and stored")).toBeInTheDocument();
  expect(api.sent).toEqual([["POST", "session", { token: "hai_right" }]]);
  expect(FakeEventSource.opened.length).toBe(opened + 1);
});

test("a token that does not count says so, and can be typed again", async () => {
  const input = await refused();
  api.answers["POST session"] = refusing();
  await userEvent.type(input, "hai_wrong{Enter}");
  expect(await screen.findByRole("alert")).toHaveTextContent("A token is needed");
  expect(input).toBeInvalid();
  expect(input).toHaveFocus();
  letIn();
  await userEvent.clear(input);
  await userEvent.type(input, "hai_right");
  await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
  expect(await screen.findByText("Everything is being captured and stored")).toBeInTheDocument();
});

test("who signs out is asked again", async () => {
  letIn();
  api.answers["DELETE session"] = () => new Response(null, { status: 204 });
  render(<App />);
  await userEvent.click(await screen.findByRole("button", { name: "Sign out" }));
  expect(await screen.findByLabelText("Token")).toBeInTheDocument();
  expect(api.sent).toEqual([["DELETE", "session", undefined]]);
});

test("where no token is needed nobody can sign out", async () => {
  render(<App />);
  await screen.findByText("Everything is being captured and stored");
  expect(screen.queryByRole("button", { name: "Sign out" })).toBeNull();
});

test("a session that ends while the page is open leads to the door", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  api.answers["health"] = ok(aHealthAnswer());
  render(<App />);
  await screen.findByText("Everything is being captured and stored");
  api.answerAll(refusing());
  await vi.advanceTimersByTimeAsync(4_000);
  await waitFor(() => {
    expect(screen.getByLabelText("Token")).toBeInTheDocument();
  });
  vi.useRealTimers();
});

test("axe finds nothing wrong with the door", async () => {
  await refused();
  expect(await findViolations(document.body)).toEqual([]);
});
