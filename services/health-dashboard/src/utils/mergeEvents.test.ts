import { anEvent, someEvents, timeAt } from "@/test/fixtures";
import { countNew, mergeEvents } from "@/utils/mergeEvents";
import { expect, test } from "vitest";

const ids = (events: readonly { id: string }[]) => events.map(({ id }) => id);

test("a late event is put where its time belongs", () => {
  const [newest, older] = [anEvent({ id: "new", time: timeAt(3000) }), anEvent({ id: "old", time: timeAt(1000) })];
  const late = anEvent({ id: "late", time: timeAt(2000) });
  expect(ids(mergeEvents([newest, older], [late]))).toEqual(["new", "late", "old"]);
});

test("events of one millisecond are ordered by the microsecond", () => {
  const first = anEvent({ id: "b", time: "2026-11-24T12:00:00.000001+00:00" });
  const second = anEvent({ id: "a", time: "2026-11-24T12:00:00.000002+00:00" });
  expect(ids(mergeEvents([first], [second]))).toEqual(["a", "b"]);
});

test("an event that comes again replaces itself", () => {
  const merged = mergeEvents([anEvent({ area: null })], [anEvent({ area: "Kitchen" })]);
  expect(merged.map(({ area }) => area)).toEqual(["Kitchen"]);
});

test("only the newest are kept", () => {
  expect(ids(mergeEvents(someEvents(4), [], 2))).toEqual(["event-4", "event-3"]);
});

test("new are those that are not known, each once", () => {
  const twice = anEvent({ id: "new" });
  expect(countNew([anEvent({ id: "known" })], [anEvent({ id: "known" }), twice, twice])).toBe(1);
});

test("an event dropped from a full list is not new when it is received again", () => {
  const full = someEvents(101);
  expect(countNew(full.slice(0, 100), full.slice(100))).toBe(0);
});
