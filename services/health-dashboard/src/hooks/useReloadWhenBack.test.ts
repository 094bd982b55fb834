import { useReloadWhenBack } from "@/hooks/useReloadWhenBack";
import { FakeApi, ok, unreachable } from "@/test/fakeApi";
import { renderHook } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

const reload = vi.fn();
let api: FakeApi;

beforeEach(() => {
  vi.useFakeTimers();
  reload.mockClear();
  sessionStorage.clear();
  vi.stubGlobal("location", { href: location.href, reload });
  api = new FakeApi().install();
  api.answers["health/live"] = unreachable();
});

test("the page is reloaded when the Admin API answers, and not before", async () => {
  renderHook(() => {
    useReloadWhenBack(true);
  });
  await vi.advanceTimersByTimeAsync(9_000);
  expect(reload).not.toHaveBeenCalled();
  api.answers["health/live"] = ok({ status: "alive" });
  await vi.advanceTimersByTimeAsync(3_000);
  expect(reload).toHaveBeenCalledOnce();
});

test("a reload without success is not repeated at once", async () => {
  api.answers["health/live"] = ok({ status: "alive" });
  sessionStorage.setItem("ha-ingestor.reloaded-at", String(Date.now() - 5_000));
  renderHook(() => {
    useReloadWhenBack(true);
  });
  await vi.advanceTimersByTimeAsync(9_000);
  expect(reload).not.toHaveBeenCalled();
});

test("a working page is not reloaded", async () => {
  api.answers["health/live"] = ok({ status: "alive" });
  renderHook(() => {
    useReloadWhenBack(false);
  });
  await vi.advanceTimersByTimeAsync(9_000);
  expect(reload).not.toHaveBeenCalled();
});
