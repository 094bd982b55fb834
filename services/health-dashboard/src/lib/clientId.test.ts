import { clientId } from "@/lib/clientId";
import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  localStorage.clear();
});

test("the id is random, and kept", () => {
  const id = clientId();
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(clientId()).toBe(id);
  localStorage.clear();
  expect(clientId()).not.toBe(id);
});

test("an invalid id is replaced", () => {
  localStorage.setItem("ha-ingestor.client-id", "x\ny");
  expect(clientId()).toMatch(/^[0-9a-f]{32}$/);
});

test("without storage there is an id too", () => {
  vi.spyOn(Storage.prototype, "getItem").mockImplementation(() => {
    throw new Error("not allowed");
  });
  expect(clientId()).toMatch(/^[0-9a-f]{32}$/);
});
