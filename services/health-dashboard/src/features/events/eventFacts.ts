/** The facts of an event in groups of names and values; missing values are omitted. */
import { factTexts as texts, eventsTexts } from "@/texts/events";
import type { HomeEvent } from "@/types/api";
import { formatExact } from "@/utils/format/formatTime";

export interface FactGroup {
  readonly title: string;
  readonly facts: readonly (readonly [label: string, value: string])[];
}

type MaybeFact = readonly [label: string, value: string | number | null | undefined];

/** Return the groups that are not empty. */
export function eventFacts(event: HomeEvent): FactGroup[] {
  const groups: [string, MaybeFact[]][] = [
    [texts.change, changeOf(event)],
    [texts.entity, entityOf(event)],
    [texts.event, eventOf(event)],
    [texts.cause, [[texts.context, event.context_id], [texts.parent, event.context_parent_id], [texts.user, event.context_user_id]]],
    [texts.weather, weatherOf(event)],
  ];
  return groups.map(([title, facts]) => ({ title, facts: known(facts) })).filter(({ facts }) => facts.length > 0);
}

/** Format a time to the microsecond, in the viewer's time zone. */
export function exactTime(time: string): string {
  const micros = /\.(\d{1,6})/.exec(time)?.[1] ?? "";
  return `${formatExact(Date.parse(time))}.${micros.padEnd(6, "0")}`;
}

function changeOf(event: HomeEvent): MaybeFact[] {
  return [
    [texts.state, event.state],
    [texts.oldState, event.old_state],
    [texts.value, event.value],
    [texts.unit, event.unit],
    [texts.removed, event.removed ? texts.yes : null],
  ];
}

function entityOf(event: HomeEvent): MaybeFact[] {
  return [
    [texts.entityId, event.entity_id],
    [texts.name, event.friendly_name],
    [texts.domain, event.domain],
    [texts.deviceClass, event.device_class],
    [texts.area, event.area],
    [texts.floor, event.floor],
    [texts.labels, event.labels.join(", ") || null],
    [texts.device, event.device],
    [texts.integration, event.integration],
  ];
}

function eventOf(event: HomeEvent): MaybeFact[] {
  return [
    [texts.time, exactTime(event.time)],
    [texts.eventType, event.event_type],
    [texts.received, eventsTexts.kindHints[event.origin_kind]],
    [texts.origin, event.origin === null ? null : (texts.origins[event.origin] ?? event.origin)],
    [texts.home, event.home],
    [texts.id, event.id],
  ];
}

function weatherOf({ weather }: HomeEvent): MaybeFact[] {
  if (weather === null) return [];
  const withUnit = (value: number | null, unit: string) => (value === null ? null : `${value} ${unit}`);
  return [
    [texts.condition, weather.condition],
    [texts.temperature, withUnit(weather.temperature_c, "°C")],
    [texts.humidity, withUnit(weather.humidity_percent, "%")],
    [texts.pressure, withUnit(weather.pressure_hpa, "hPa")],
    [texts.windSpeed, withUnit(weather.wind_speed_kmh, "km/h")],
    [texts.windBearing, withUnit(weather.wind_bearing_deg, "°")],
  ];
}

function known(facts: readonly MaybeFact[]): (readonly [string, string])[] {
  return facts.flatMap(([label, value]) => (value === null || value === undefined ? [] : [[label, String(value)] as const]));
}
