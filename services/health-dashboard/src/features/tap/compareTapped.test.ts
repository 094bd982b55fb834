import { compareTapped, type ComparedField } from "@/features/tap/compareTapped";
import { aTappedEvent } from "@/test/fixtures";
import { expect, test } from "vitest";

function byName(fields: ComparedField[] | null): Record<string, ComparedField> {
  return Object.fromEntries((fields ?? []).map((field) => [field.name, field]));
}

test("a value that is stored as it was sent is unchanged, wherever it was", () => {
  const fields = byName(compareTapped(aTappedEvent()));
  expect(fields["state"]).toEqual({ name: "state", sent: "21.5", stored: "21.5", kind: "same" });
  expect(fields["old_state"]).toMatchObject({ sent: "21.4", kind: "same" });
  expect(fields["friendly_name"]).toMatchObject({ sent: "Kitchen temperature", kind: "same" });
  expect(fields["attributes"]?.kind).toBe("same");
});

test("the order of keys is no change", () => {
  const attributes = { friendly_name: "Kitchen temperature", unit_of_measurement: "°C" };
  expect(byName(compareTapped(aTappedEvent({}, { attributes })))["attributes"]?.kind).toBe("same");
});

test("a value stored in another form is changed", () => {
  expect(byName(compareTapped(aTappedEvent({}, { unit: "K" })))["unit"]).toEqual({ name: "unit", sent: "°C", stored: "K", kind: "changed" });
});

test("a computed value is derived, and a looked-up value is added", () => {
  const fields = byName(compareTapped(aTappedEvent()));
  expect(fields["value"]).toEqual({ name: "value", sent: undefined, stored: 21.5, kind: "derived" });
  expect(fields["domain"]).toMatchObject({ stored: "sensor", kind: "derived" });
  expect(fields["area"]).toMatchObject({ sent: undefined, stored: "Kitchen", kind: "added" });
  expect(fields["floor"]).toBeUndefined();
});

test("a name that only the registry knows is added", () => {
  const raw = JSON.stringify({ event_type: "state_changed", data: { entity_id: "light.a", new_state: { state: "on", attributes: {} } } });
  expect(byName(compareTapped(aTappedEvent({ raw })))["friendly_name"]).toMatchObject({ sent: undefined, kind: "added" });
});

test("a sent value that is not stored is listed by its path", () => {
  const fields = byName(compareTapped(aTappedEvent()));
  const left = Object.values(fields).filter(({ kind }) => kind === "leftOut");
  expect(left.map(({ name }) => name)).toEqual([
    "data.old_state.entity_id",
    "data.old_state.attributes",
    "data.old_state.last_changed",
    "data.old_state.last_updated",
    "data.old_state.context",
    "data.new_state.last_changed",
    "time_fired",
  ]);
  expect(fields["time_fired"]).toMatchObject({ stored: undefined });
});

test("of an event that is no state change the data is one field", () => {
  const data = { domain: "light", service: "turn_on" };
  const raw = JSON.stringify({ event_type: "call_service", time_fired: "2026-11-24T12:00:25.000000+00:00", data, origin: "LOCAL" });
  const fields = byName(compareTapped(aTappedEvent({ raw }, { event_type: "call_service", data, state: null, attributes: null })));
  expect(fields["data"]).toMatchObject({ sent: data, stored: data, kind: "same" });
  expect(fields["time"]?.kind).toBe("same");
  expect(Object.keys(fields).filter((name) => name.startsWith("data."))).toEqual([]);
});

test("without a point, or of what is no JSON, nothing is compared", () => {
  expect(compareTapped(aTappedEvent({ point: null }))).toBeNull();
  expect(compareTapped(aTappedEvent({ raw: "{" }))).toBeNull();
  expect(compareTapped(aTappedEvent({ raw: "[1]" }))).toBeNull();
});
