// @vitest-environment jsdom
import { currentPlace, hrefOf, navigate, subscribePlace } from "@/lib/router";
import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  document.querySelector("base")?.setAttribute("href", "/");
});

test("locations are relative to the base, and so are targets", () => {
  document.querySelector("base")?.setAttribute("href", "/api/hassio_ingress/a%20token/");
  history.replaceState(null, "", "/api/hassio_ingress/a%20token/flow?period=7d");
  expect(currentPlace()).toMatchObject({ pathname: "/flow", search: "?period=7d", isPush: false });
  navigate("/entities/a%2Fb");
  expect(location.pathname).toBe("/api/hassio_ingress/a%20token/entities/a%2Fb");
  expect(currentPlace()).toMatchObject({ pathname: "/entities/a%2Fb", search: "", isPush: true });
  expect(hrefOf("?home=cabin")).toBe("/api/hassio_ingress/a%20token/entities/a%2Fb?home=cabin");
});

test("the place stays the same object until it changes", () => {
  navigate("/flow");
  const before = currentPlace();
  expect(currentPlace()).toBe(before);
  navigate("/flow");
  expect(currentPlace()).not.toBe(before);
});

test("only another place is an entry of the history", () => {
  navigate("/events");
  const { length } = history;
  navigate("/events");
  navigate("/events?area=Kitchen", { replace: true });
  expect(history.length).toBe(length);
  navigate("/alerts");
  expect(history.length).toBe(length + 1);
});

test("listeners are called on changes until they unsubscribe, also on Back", async () => {
  navigate("/flow");
  navigate("/alerts");
  const listener = vi.fn();
  const unsubscribe = subscribePlace(listener);
  history.back();
  await vi.waitFor(() => {
    expect(listener).toHaveBeenCalledOnce();
  });
  expect(currentPlace()).toMatchObject({ pathname: "/flow", isPush: false });
  unsubscribe();
  navigate("/records");
  expect(listener).toHaveBeenCalledOnce();
});

test("an address of another server stays within this one", () => {
  navigate("//evil.example/x");
  expect(location.host).toBe("localhost:3000");
});
