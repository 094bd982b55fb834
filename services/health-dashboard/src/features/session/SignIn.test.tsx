import { App } from "@/app/App";
import { leaveSignIn } from "@/lib/access";
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
  leaveSignIn();
  history.replaceState(null, "", "/");
});

async function refused(): Promise<HTMLElement> {
  api.answerAll(refusing());
  render(<App />);
  return screen.findByLabelText("Token");
}

/** The API for a signed-in viewer. */
function letIn(): void {
  Object.assign(api.answers, new FakeApi().answers, { session: ok(aSessionAnswer({ kind: "session", name: "me", scope: "admin" })) });
  api.answers["POST session"] = ok(aSessionAnswer({ kind: "session" }));
}

test("after a 401 only the sign-in form is shown", async () => {
  expect(await refused()).toHaveFocus();
  expect(screen.getByRole("form", { name: "Sign in to HA Ingestor" })).toBeInTheDocument();
  expect(screen.queryByRole("table")).toBeNull();
  expect(FakeEventSource.last.isClosed).toBe(true);
});

test("a valid token shows the page and its stream", async () => {
  const input = await refused();
  const opened = FakeEventSource.opened.length;
  letIn();
  await userEvent.type(input, " hai_right{Enter}");
  expect(await screen.findByText("Everything is being captured and stored")).toBeInTheDocument();
  expect(api.sent).toEqual([["POST", "session", { token: "hai_right" }]]);
  expect(FakeEventSource.opened.length).toBe(opened + 1);
});

test("an invalid token is reported, and can be entered again", async () => {
  const input = await refused();
  api.answers["POST session"] = refusing();
  await userEvent.type(input, "hai_wrong{Enter}");
  expect(await screen.findByRole("alert")).toHaveTextContent("A token is required");
  expect(input).toBeInvalid();
  expect(input).toHaveFocus();
  letIn();
  await userEvent.clear(input);
  await userEvent.type(input, "hai_right");
  await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
  expect(await screen.findByText("Everything is being captured and stored")).toBeInTheDocument();
});

test("after signing out the sign-in form is shown", async () => {
  letIn();
  api.answers["DELETE session"] = () => new Response(null, { status: 204 });
  render(<App />);
  await userEvent.click(await screen.findByRole("button", { name: "Sign out" }));
  expect(await screen.findByLabelText("Token")).toBeInTheDocument();
  expect(api.sent).toEqual([["DELETE", "session", undefined]]);
});

test("if reading needs no token, signing in is possible and can be cancelled", async () => {
  render(<App />);
  await userEvent.click(await screen.findByRole("button", { name: "Sign in" }));
  expect(await screen.findByLabelText("Token")).toHaveFocus();
  expect(screen.queryByRole("button", { name: "Sign out" })).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Back" }));
  expect(await screen.findByText("Everything is being captured and stored")).toBeInTheDocument();
  expect(api.sent).toEqual([]);
});

test("a link signs in before other requests, and is removed from the address", async () => {
  letIn();
  history.replaceState(null, "", "/#sign-in=hai_of-the-link");
  render(<App />);
  expect(await screen.findByRole("button", { name: "Sign out" })).toBeInTheDocument();
  expect(api.sent).toEqual([["POST", "session", { token: "hai_of-the-link" }]]);
  expect(api.asked[0]?.pathname).toBe("/api/v1/session");
  expect(location.hash).toBe("");
});

test("a link that was used before is reported", async () => {
  api.answers["POST session"] = refusing();
  history.replaceState(null, "", "/#sign-in=hai_used");
  render(<App />);
  expect(await screen.findByRole("alert")).toHaveTextContent("A token is required");
  expect(screen.getByText("ha-ingestor link")).toBeInTheDocument();
});

test("a link that is pasted into the open page signs in", async () => {
  render(<App />);
  await screen.findByRole("button", { name: "Sign in" });
  letIn();
  history.replaceState(null, "", "/#sign-in=hai_pasted");
  window.dispatchEvent(new HashChangeEvent("hashchange"));
  expect(await screen.findByRole("button", { name: "Sign out" })).toBeInTheDocument();
});

test("when a session ends while the page is open the sign-in form is shown", async () => {
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

test("axe finds nothing wrong with the sign-in form", async () => {
  await refused();
  expect(await findViolations(document.body)).toEqual([]);
});
