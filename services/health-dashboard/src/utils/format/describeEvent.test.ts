import { anEvent } from "@/test/fixtures";
import { describeEvent } from "@/utils/format/describeEvent";
import { expect, test } from "vitest";

test("a change has both states, the unit and the area", () => {
  expect(describeEvent(anEvent())).toEqual({
    title: "Kitchen temperature",
    subtitle: "sensor.kitchen_temperature · Kitchen",
    from: "21.4",
    to: "21.5",
    unit: "°C",
    isPlain: false,
  });
});

test("an entity without a name is called by its id, once", () => {
  expect(describeEvent(anEvent({ friendly_name: null }))).toMatchObject({
    title: "sensor.kitchen_temperature",
    subtitle: "Kitchen",
  });
});

test("a change of attributes alone shows the state once", () => {
  expect(describeEvent(anEvent({ old_state: "21.5" }))).toMatchObject({ from: null, to: "21.5" });
});

test("a state that is no number has no unit", () => {
  expect(describeEvent(anEvent({ state: "unavailable", value: null })).unit).toBe("");
});

test("an empty state can be seen", () => {
  expect(describeEvent(anEvent({ state: "", value: null })).to).toBe('""');
});

test("a removed entity is marked as removed", () => {
  expect(describeEvent(anEvent({ removed: true, state: null }))).toMatchObject({ to: "removed", isPlain: true });
});

test("a service call names the service", () => {
  const call = { event_type: "call_service", entity_id: null, friendly_name: null, state: null };
  const data = { domain: "light", service: "turn_on" };
  expect(describeEvent(anEvent({ ...call, area: null, data }))).toMatchObject({ title: "call_service", to: "light.turn_on" });
});

test("an event of an unknown type is described by its name", () => {
  const custom = { event_type: "my_event", entity_id: null, friendly_name: null, state: null, area: null };
  expect(describeEvent(anEvent(custom))).toMatchObject({ title: "my_event", to: "fired" });
});
