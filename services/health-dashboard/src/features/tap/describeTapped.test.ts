import { describeTapped } from "@/features/tap/describeTapped";
import { aTappedEvent } from "@/test/fixtures";
import { expect, test } from "vitest";

test("a stored event is named by its point", () => {
  expect(describeTapped(aTappedEvent())).toEqual({
    entityId: "sensor.kitchen_temperature",
    title: "Kitchen temperature",
    name: "Kitchen temperature",
    change: "21.4 → 21.5",
    outcome: "Written",
    tone: "good",
    reason: "The store has the point.",
  });
});

test("a filtered event is named by its payload, with its rule described", () => {
  const event = aTappedEvent({ point: null, outcome: "filtered", reason: { key: "excluded_domain", message: null } });
  expect(describeTapped(event)).toMatchObject({
    title: "Kitchen temperature",
    change: "21.4 → 21.5",
    tone: "warn",
    reason: "The filters exclude this domain.",
  });
});

test("a rejected event has its reason, even if it cannot be read", () => {
  const event = aTappedEvent({ raw: "no json", point: null, outcome: "rejected", reason: { key: "malformed", message: "event must be JSON" } });
  expect(describeTapped(event)).toMatchObject({ title: "Unreadable event", entityId: null, change: null, reason: "event must be JSON" });
});

test("an event of hostile shape is no reason to fail", () => {
  for (const raw of ["null", "5", "[]", '{"data":5}', '{"data":{"entity_id":{}}}', '{"event_type":["x"]}']) {
    expect(describeTapped(aTappedEvent({ raw, point: null, outcome: "rejected" })).title).toBe("Unreadable event");
  }
});
