import { chooseTheme, themeStore } from "@/lib/themeStore";
import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  chooseTheme("system");
});

test("a chosen theme is set on the document and kept", () => {
  chooseTheme("dark");
  expect(document.documentElement.dataset["theme"]).toBe("dark");
  expect(localStorage.getItem("ha-ingestor-theme")).toBe("dark");
});

test("the system's theme leaves the document as it is", () => {
  chooseTheme("dark");
  chooseTheme("system");
  expect(document.documentElement.dataset["theme"]).toBeUndefined();
});

test("a theme holds for the visit where storage is forbidden", () => {
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("forbidden");
  });
  chooseTheme("light");
  expect(themeStore.get().choice).toBe("light");
});
