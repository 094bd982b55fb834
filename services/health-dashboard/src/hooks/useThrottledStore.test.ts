import { useThrottledStore } from "@/hooks/useThrottledStore";
import { Store } from "@/lib/store";
import { act, renderHook } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

beforeEach(() => {
  vi.useFakeTimers();
});

function watch() {
  const store = new Store({ count: 0 });
  let drawn = 0;
  const { result, unmount } = renderHook(() => {
    drawn++;
    return useThrottledStore(store, 1000);
  });
  const change = (count: number) => {
    act(() => {
      store.set({ count });
    });
  };
  const pass = (ms: number) => {
    act(() => {
      vi.advanceTimersByTime(ms);
    });
  };
  pass(5000);
  return { result, change, pass, unmount, drawn: () => drawn };
}

test("a change after a pause is seen at once", () => {
  const { result, change, pass } = watch();
  change(1);
  pass(0);
  expect(result.current.count).toBe(1);
});

test("changes in quick succession are one rendering, with the last of them", () => {
  const { result, change, pass, drawn } = watch();
  change(1);
  pass(0);
  const before = drawn();
  for (const count of [2, 3, 4]) change(count);
  pass(999);
  expect(result.current.count).toBe(1);
  pass(1);
  expect(result.current.count).toBe(4);
  expect(drawn()).toBe(before + 1);
});

test("nothing is left behind", () => {
  const { change, unmount } = watch();
  change(1);
  unmount();
  expect(vi.getTimerCount()).toBe(0);
});
