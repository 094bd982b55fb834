import { anEvent, someEvents } from "@/test/fixtures";
import { isBusy } from "@/utils/isBusy";
import { expect, test } from "vitest";

test("one event per second is not busy", () => {
  expect(isBusy(someEvents(100))).toBe(false);
});

test("twenty at once are", () => {
  expect(isBusy(Array.from({ length: 20 }, () => anEvent()))).toBe(true);
});

test("fewer than twenty never are", () => {
  expect(isBusy(Array.from({ length: 19 }, () => anEvent()))).toBe(false);
});
