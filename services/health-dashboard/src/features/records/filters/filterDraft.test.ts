import { fromDraft, isEmpty, isSame, refusedList, toDraft } from "@/features/records/filters/filterDraft";
import { someFilters } from "@/test/fixtures";
import { expect, test } from "vitest";

const NONE = fromDraft(toDraft(someFilters({}, {})));

test("editing without a change keeps the filters", () => {
  const filters = someFilters({ domains: ["light"] }, { entities: ["*_battery", "sensor.a"], event_types: ["call_service"] });
  expect(fromDraft(toDraft(filters))).toEqual(filters);
});

test("entries are separated by lines or commas, and each counts once", () => {
  const draft = { ...toDraft(NONE), "exclude.entities": " sensor.a, sensor.b\n\nsensor.a ,\n" };
  expect(fromDraft(draft).exclude.entities).toEqual(["sensor.a", "sensor.b"]);
});

test("the order of entries does not matter", () => {
  expect(isSame(someFilters({}, { domains: ["a", "b"] }), someFilters({}, { domains: ["b", "a"] }))).toBe(true);
  expect(isSame(someFilters({}, { domains: ["a"] }), someFilters({ domains: ["a"] }, {}))).toBe(false);
});

test("without an entry there are no filters", () => {
  expect(isEmpty(NONE)).toBe(true);
  expect(isEmpty(someFilters({ event_types: ["x"] }, {}))).toBe(false);
});

test("an error is assigned to the list that it names", () => {
  const message = "exclude.entities must be entity ids, got 'Light'";
  expect(refusedList({ field: "exclude.entities" }, message)).toEqual({
    field: "exclude.entities",
    text: "Must be entity ids, got 'Light'",
  });
  expect(refusedList({ field: "body" }, "body must be JSON")).toBeNull();
});
