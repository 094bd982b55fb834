"""Models of events and entities."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ha_ingestor_core.events import OriginKind
from pydantic import Field

from admin_api.http.models import EVENT_ID_EXAMPLE, TIME_EXAMPLE, Model
from admin_api.rollout.source import StatsSource


class EventWeather(Model):
    """The outdoor weather, in metric units; null: unknown."""

    condition: str | None = Field(description="Condition as in Home Assistant", examples=["partlycloudy"])
    temperature_c: float | None = Field(description="°C", examples=[7.5])
    humidity_percent: float | None = Field(examples=[81.0])
    pressure_hpa: float | None = Field(description="hPa at sea level", examples=[1017.4])
    wind_speed_kmh: float | None = Field(description="km/h", examples=[14.8])
    wind_bearing_deg: float | None = Field(
        description="Direction from which the wind blows, 0 to 360", examples=[236.0]
    )


class Event(Model):
    """An event; `state` and `attributes` are exactly as sent by Home Assistant."""

    id: str = Field(examples=[EVENT_ID_EXAMPLE])
    time: datetime = Field(examples=[TIME_EXAMPLE])
    event_type: str = Field(examples=["state_changed"])
    entity_id: str | None = Field(examples=["sensor.kitchen_temperature"])
    state: str | None = Field(examples=["21.5"])
    old_state: str | None = Field(examples=["21.4"])
    value: float | None = Field(description="The state as a number; null if it is not numeric", examples=[21.5])
    unit: str | None = Field(examples=["°C"])
    friendly_name: str | None = Field(examples=["Kitchen temperature"])
    area: str | None = Field(examples=["Kitchen"])
    floor: str | None = Field(description="Floor of the area", examples=["Ground floor"])
    labels: list[str] = Field(description="Labels of the entity, its device and its area", examples=[["Heating"]])
    device: str | None = Field(examples=["Thermometer"])
    device_class: str | None = Field(examples=["temperature"])
    integration: str | None = Field(examples=["mqtt"])
    attributes: dict[str, Any] | None = Field(examples=[{"unit_of_measurement": "°C", "device_class": "temperature"}])
    context_id: str | None = Field(examples=["01JDE3N1P2Q3R4S5T6V7W8X9Y0"])
    context_parent_id: str | None = Field(description="Context of the event that caused it", examples=[None])
    context_user_id: str | None = Field(description="User who caused it", examples=[None])
    origin: str | None = Field(examples=["LOCAL"])
    home: str = Field(examples=["home"])
    domain: str | None = Field(examples=["sensor"])
    removed: bool = Field(description="Whether the entity was removed or renamed", examples=[False])
    origin_kind: OriginKind = Field(examples=[OriginKind.LIVE])
    data: dict[str, Any] | None = Field(description="Data of events other than state changes", examples=[None])
    weather: EventWeather | None = Field(description="Weather at the time of the event; null: unknown")


class EventsAnswer(Model):
    """Events, newest first; `next_cursor` is null on the last page."""

    events: list[Event]
    next_cursor: str | None = Field(examples=["WzE4MDAwMDAwMDAwMDAwMDAwMDAsWyJob21lIixudWxsXV0"])


class HistoryPoint(Model):
    """A state of an entity; `state` is null if it was removed."""

    time: datetime = Field(examples=[TIME_EXAMPLE])
    state: str | None = Field(examples=["21.5"])
    value: float | None = Field(examples=[21.5])
    unit: str | None = Field(description="Unit at the time of the state", examples=["°C"])


class HistoryWindow(Model):
    """The values of an entity in the window that starts at `time`; a value holds until the next one.

    `count` is the number of states that began in the window; 0: the value is from before the window.
    """

    time: datetime = Field(examples=[TIME_EXAMPLE])
    min: float = Field(examples=[20.9])
    mean: float = Field(description="Mean, weighted by time, of the known values", examples=[21.3])
    max: float = Field(examples=[21.5])
    count: int = Field(examples=[12])
    unit: str | None = Field(
        description="Unit of the values; a window has several points if units cannot be converted",
        examples=["°C"],
    )
    converted_from: list[str] = Field(description="Other units that were converted", examples=[["°F"]])


class HistoryAnswer(Model):
    """The history of an entity, oldest first: states, or with `window` min, mean and max."""

    entity_id: str = Field(examples=["sensor.kitchen_temperature"])
    home: str = Field(examples=["home"])
    unit: str | None = Field(description="Latest unit of the entity", examples=["°C"])
    points: list[HistoryPoint] | list[HistoryWindow]
    next_cursor: str | None = Field(examples=[None])


class BusyEntity(Model):
    """An entity and its number of events."""

    entity_id: str = Field(examples=["sensor.house_power"])
    home: str = Field(examples=["home"])
    friendly_name: str | None = Field(description="null: no friendly name", examples=["House power"])
    count: int = Field(examples=[1440])


class BusiestAnswer(Model):
    """The entities with the most events in a period, sorted by number."""

    timestamp: datetime = Field(examples=[TIME_EXAMPLE])
    period: str = Field(examples=["1h"])
    entities: list[BusyEntity]
    source: StatsSource


class EntityAnswer(Model):
    """What is known of an entity, by its newest state; null where nothing is."""

    entity_id: str = Field(examples=["sensor.kitchen_temperature"])
    home: str = Field(examples=["home"])
    domain: str = Field(examples=["sensor"])
    friendly_name: str | None = Field(examples=["Kitchen temperature"])
    area: str | None = Field(examples=["Kitchen"])
    floor: str | None = Field(description="Floor of the area", examples=["Ground floor"])
    labels: list[str] = Field(description="Labels of the entity, its device and its area", examples=[["Heating"]])
    device: str | None = Field(examples=["Thermometer"])
    device_class: str | None = Field(examples=["temperature"])
    integration: str | None = Field(examples=["mqtt"])
    unit: str | None = Field(examples=["°C"])
    state: str | None = Field(examples=["21.5"])
    last_changed: datetime | None = Field(examples=[TIME_EXAMPLE])


class ListedEntity(EntityAnswer):
    """An entity by its current name, with its number of events."""

    count: int = Field(examples=[1440])


class EntityChoices(Model):
    """The values that the entities of a period can be filtered by."""

    homes: list[str] = Field(examples=[["home"]])
    domains: list[str] = Field(examples=[["light", "sensor"]])
    areas: list[str] = Field(examples=[["Kitchen"]])
    floors: list[str] = Field(examples=[["Ground floor"]])
    labels: list[str] = Field(examples=[["Heating"]])
    integrations: list[str] = Field(examples=[["mqtt"]])


class EntitiesAnswer(Model):
    """The entities with events in a period, sorted by id; `next_cursor` is null on the last page."""

    timestamp: datetime = Field(examples=[TIME_EXAMPLE])
    period: str = Field(examples=["7d"])
    entities: list[ListedEntity]
    total: int = Field(description="Number of matching entities on all pages", examples=[120])
    choices: EntityChoices
    next_cursor: str | None = Field(examples=[None])
    source: StatsSource


class SilentEntity(Model):
    """A silent entity; `last_seen` is the last change or report. `usual_interval_s` is null if not yet known."""

    entity_id: str = Field(examples=["sensor.kitchen_temperature"])
    home: str = Field(examples=["home"])
    friendly_name: str | None = Field(description="null: no friendly name", examples=["Kitchen temperature"])
    last_seen: datetime = Field(examples=[TIME_EXAMPLE])
    last_changed: datetime = Field(examples=[TIME_EXAMPLE])
    silent_for_s: float = Field(examples=[18000.0])
    usual_interval_s: float | None = Field(examples=[3600.0])
    factor: float | None = Field(examples=[5.0])


class SilentAnswer(Model):
    """The silent entities, sorted by `factor`, or with `period` by `silent_for_s`."""

    timestamp: datetime = Field(examples=[TIME_EXAMPLE])
    period: str | None = Field(examples=["1d"])
    entities: list[SilentEntity]
    source: StatsSource
