/** Complete answers about entities; a test replaces the members it needs. */
import { timeAt, NOW, NOW_MS } from "@/test/fixtures";
import type { EntitiesAnswer, EntityAnswer, HistoryAnswer, ListedEntity } from "@/types/api";

export function anEntity(change: Partial<EntityAnswer> = {}): EntityAnswer {
  return {
    entity_id: "sensor.kitchen_temperature",
    home: "home",
    domain: "sensor",
    friendly_name: "Kitchen temperature",
    area: "Kitchen",
    floor: "Ground floor",
    labels: ["Heating"],
    device: "Thermometer",
    device_class: "temperature",
    integration: "mqtt",
    unit: "°C",
    state: "21.5",
    last_changed: timeAt(NOW_MS - 60_000),
    ...change,
  };
}

export function aListedEntity(change: Partial<ListedEntity> = {}): ListedEntity {
  return { ...anEntity(), count: 1440, ...change };
}

export function anEntitiesAnswer(change: Partial<EntitiesAnswer> = {}): EntitiesAnswer {
  return {
    timestamp: NOW,
    period: "7d",
    entities: [aListedEntity(), aListedEntity({ entity_id: "light.hall", domain: "light", friendly_name: "Hall lamp", area: null, device: null, unit: null, state: "on" })],
    total: 2,
    choices: { homes: ["home"], domains: ["light", "sensor"], areas: ["Kitchen", "Hall"], floors: [], labels: ["Heating"], integrations: ["mqtt"] },
    next_cursor: null,
    source: "embedded",
    ...change,
  };
}

export function aHistoryAnswer(change: Partial<HistoryAnswer> = {}): HistoryAnswer {
  const window = (minutes: number, mean: number) => ({
    time: timeAt(NOW_MS - minutes * 60_000), min: mean - 1, mean, max: mean + 1, count: 3, unit: "°C", converted_from: [],
  });
  return { entity_id: "sensor.kitchen_temperature", home: "home", unit: "°C", points: [window(30, 20), window(15, 21)], next_cursor: null, ...change };
}
