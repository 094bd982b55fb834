import { isSameFilter, isUnfiltered, readEventFilters, withEventFilter, withoutEventFilters } from "@/utils/address/eventFilters";
import { expect, test } from "vitest";

test("the filters of an address are read, and nothing else of it", () => {
  const search = new URLSearchParams("period=1h&entity_id=light.*&area=K%C3%BCche&domain=");
  expect(readEventFilters(search)).toEqual({ entity_id: "light.*", area: "Küche" });
});

test("values too long for the API are cut", () => {
  const search = new URLSearchParams({ entity_id: "*".repeat(300), area: "a\0b" });
  expect(readEventFilters(search)).toEqual({ entity_id: "*".repeat(255), area: "ab" });
});

test("a change leaves the rest of the address as it is", () => {
  const search = new URLSearchParams("period=1h&domain=light");
  expect(withEventFilter(search, "domain", "switch").toString()).toBe("period=1h&domain=switch");
  expect(withEventFilter(search, "domain", "").toString()).toBe("period=1h");
  expect(withoutEventFilters(search).toString()).toBe("period=1h");
});

test("filters are compared by their values", () => {
  expect(isSameFilter({ domain: "light" }, { domain: "light" })).toBe(true);
  expect(isSameFilter({ domain: "light" }, { domain: "light", area: "Hall" })).toBe(false);
  expect([isUnfiltered({}), isUnfiltered({ home: "home" })]).toEqual([true, false]);
});
