import { eventFacts, exactTime } from "@/features/events/eventFacts";
import { anEvent } from "@/test/fixtures";
import { expect, test } from "vitest";

function facts(change: Parameters<typeof anEvent>[0]): Record<string, string> {
  return Object.fromEntries(eventFacts(anEvent(change)).flatMap((group) => group.facts));
}

test("all existing facts are listed, and no others", () => {
  expect(facts({ device: null, labels: ["Heating", "Energy"] })).toEqual({
    State: "21.5",
    "State before": "21.4",
    Number: "21.5",
    Unit: "°C",
    "Entity ID": "sensor.kitchen_temperature",
    Name: "Kitchen temperature",
    Domain: "sensor",
    "Device class": "temperature",
    Area: "Kitchen",
    Floor: "Ground floor",
    Labels: "Heating, Energy",
    Integration: "mqtt",
    Time: "24 Nov 2026, 12:00:25.000000",
    "Event type": "state_changed",
    Received: "Received as it happened",
    Origin: "Local: fired by Home Assistant itself",
    Home: "home",
    ID: "event-1",
    Context: "01JDE3N1P2Q3R4S5T6V7W8X9Y0",
  });
});

test("a group without facts is left out", () => {
  const event = anEvent({ context_id: null, state: null, old_state: null, value: null, unit: null });
  expect(eventFacts(event).map(({ title }) => title)).toEqual(["Entity", "Event"]);
});

test("the weather has its units, and zero is a number", () => {
  const weather = { condition: "rainy", temperature_c: 0, humidity_percent: 81, pressure_hpa: null, wind_speed_kmh: 3.5, wind_bearing_deg: null };
  expect(facts({ weather })).toMatchObject({ Condition: "rainy", Temperature: "0 °C", Humidity: "81 %", "Wind speed": "3.5 km/h" });
});

test("a removal, the cause and an unknown origin are listed", () => {
  const change = { removed: true, context_parent_id: "p", context_user_id: "u", origin: "ELSEWHERE", origin_kind: "backfill" } as const;
  expect(facts(change)).toMatchObject({
    Removed: "Yes",
    "Context of the cause": "p",
    User: "u",
    Origin: "ELSEWHERE",
    Received: "Recovered from Home Assistant's history",
  });
});

test("a time is exact to the microsecond", () => {
  expect(exactTime("2026-11-24T12:00:25.120003+00:00")).toBe("24 Nov 2026, 12:00:25.120003");
});
