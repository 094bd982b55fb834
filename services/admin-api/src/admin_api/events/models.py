"""Models of the answers about events and entities."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ha_ingestor_core.events import OriginKind
from pydantic import Field

from admin_api.http.models import EVENT_ID_EXAMPLE, TIME_EXAMPLE, Model
from admin_api.rollout.source import StatsSource


class EventWeather(Model):
    """The weather outside, in metric units; null is unknown."""

    condition: str | None = Field(description="As Home Assistant calls it", examples=["partlycloudy"])
    temperature_c: float | None = Field(description="°C", examples=[7.5])
    humidity_percent: float | None = Field(examples=[81.0])
    pressure_hpa: float | None = Field(description="hPa at sea level", examples=[1017.4])
    wind_speed_kmh: float | None = Field(description="km/h", examples=[14.8])
    wind_bearing_deg: float | None = Field(description="Where the wind comes from, 0 to 360", examples=[236.0])


class Event(Model):
    """One event; `state` and `attributes` are exactly what Home Assistant sent."""

    id: str = Field(examples=[EVENT_ID_EXAMPLE])
    time: datetime = Field(examples=[TIME_EXAMPLE])
    event_type: str = Field(examples=["state_changed"])
    entity_id: str | None = Field(examples=["sensor.kitchen_temperature"])
    state: str | None = Field(examples=["21.5"])
    old_state: str | None = Field(examples=["21.4"])
    value: float | None = Field(description="The state as a number, where it is one", examples=[21.5])
    unit: str | None = Field(examples=["°C"])
    friendly_name: str | None = Field(examples=["Kitchen temperature"])
    area: str | None = Field(examples=["Kitchen"])
    floor: str | None = Field(description="Of the area", examples=["Ground floor"])
    labels: list[str] = Field(description="Of the entity, its device and its area", examples=[["Heating"]])
    device: str | None = Field(examples=["Thermometer"])
    device_class: str | None = Field(examples=["temperature"])
    integration: str | None = Field(examples=["mqtt"])
    attributes: dict[str, Any] | None = Field(examples=[{"unit_of_measurement": "°C", "device_class": "temperature"}])
    context_id: str | None = Field(examples=["01JDE3N1P2Q3R4S5T6V7W8X9Y0"])
    context_parent_id: str | None = Field(description="The context of the event that led to it", examples=[None])
    context_user_id: str | None = Field(description="The user who caused it", examples=[None])
    origin: str | None = Field(examples=["LOCAL"])
    home: str = Field(examples=["home"])
    domain: str | None = Field(examples=["sensor"])
    removed: bool = Field(description="The entity was removed or renamed", examples=[False])
    origin_kind: OriginKind = Field(examples=[OriginKind.LIVE])
    data: dict[str, Any] | None = Field(description="Of events that are not state changes", examples=[None])
    weather: EventWeather | None = Field(description="At the time of the event, where it was known")


class EventsAnswer(Model):
    """Events, newest first; `next_cursor` is null on the last page."""

    events: list[Event]
    next_cursor: str | None = Field(examples=["WzE4MDAwMDAwMDAwMDAwMDAwMDAsWyJob21lIixudWxsXV0"])


class HistoryPoint(Model):
    """One state of an entity; no state where it was removed."""

    time: datetime = Field(examples=[TIME_EXAMPLE])
    state: str | None = Field(examples=["21.5"])
    value: float | None = Field(examples=[21.5])
    unit: str | None = Field(description="The unit that the entity had then", examples=["°C"])


class HistoryWindow(Model):
    """The numbers of an entity in the window that starts at `time`; a value holds until the next one.

    `count` is how many states began in the window; with 0 the value was there already.
    """

    time: datetime = Field(examples=[TIME_EXAMPLE])
    min: float = Field(examples=[20.9])
    mean: float = Field(description="Weighted by time, where the value is known", examples=[21.3])
    max: float = Field(examples=[21.5])
    count: int = Field(examples=[12])
    unit: str | None = Field(
        description="The unit of these numbers; a window has a point for each unit without a known conversion",
        examples=["°C"],
    )
    converted_from: list[str] = Field(description="Other units that values came in", examples=[["°F"]])


class HistoryAnswer(Model):
    """The history of an entity, oldest first: states, or with a window its numbers."""

    entity_id: str = Field(examples=["sensor.kitchen_temperature"])
    home: str = Field(examples=["home"])
    unit: str | None = Field(description="The latest unit of the entity", examples=["°C"])
    points: list[HistoryPoint] | list[HistoryWindow]
    next_cursor: str | None = Field(examples=[None])


class BusyEntity(Model):
    """How many events an entity had."""

    entity_id: str = Field(examples=["sensor.house_power"])
    home: str = Field(examples=["home"])
    friendly_name: str | None = Field(description="Null where it has none", examples=["House power"])
    count: int = Field(examples=[1440])


class BusiestAnswer(Model):
    """The entities with the most events of a period, most first."""

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
    floor: str | None = Field(description="Of the area", examples=["Ground floor"])
    labels: list[str] = Field(description="Of the entity, its device and its area", examples=[["Heating"]])
    device: str | None = Field(examples=["Thermometer"])
    device_class: str | None = Field(examples=["temperature"])
    integration: str | None = Field(examples=["mqtt"])
    unit: str | None = Field(examples=["°C"])
    state: str | None = Field(examples=["21.5"])
    last_changed: datetime | None = Field(examples=[TIME_EXAMPLE])


class ListedEntity(EntityAnswer):
    """An entity by the name that it has today, and how many events it had."""

    count: int = Field(examples=[1440])


class EntityChoices(Model):
    """What the entities of a period can be filtered by."""

    homes: list[str] = Field(examples=[["home"]])
    domains: list[str] = Field(examples=[["light", "sensor"]])
    areas: list[str] = Field(examples=[["Kitchen"]])
    floors: list[str] = Field(examples=[["Ground floor"]])
    labels: list[str] = Field(examples=[["Heating"]])
    integrations: list[str] = Field(examples=[["mqtt"]])


class EntitiesAnswer(Model):
    """The entities that had any event in a period, by id; `next_cursor` is null on the last page."""

    timestamp: datetime = Field(examples=[TIME_EXAMPLE])
    period: str = Field(examples=["7d"])
    entities: list[ListedEntity]
    total: int = Field(description="How many are wanted, on all pages", examples=[120])
    choices: EntityChoices
    next_cursor: str | None = Field(examples=[None])
    source: StatsSource


class SilentEntity(Model):
    """An entity that is silent: seen by a change or by a sign of life; null where its rhythm is not known yet."""

    entity_id: str = Field(examples=["sensor.kitchen_temperature"])
    home: str = Field(examples=["home"])
    friendly_name: str | None = Field(description="Null where it has none", examples=["Kitchen temperature"])
    last_seen: datetime = Field(examples=[TIME_EXAMPLE])
    last_changed: datetime = Field(examples=[TIME_EXAMPLE])
    silent_for_s: float = Field(examples=[18000.0])
    usual_interval_s: float | None = Field(examples=[3600.0])
    factor: float | None = Field(examples=[5.0])


class SilentAnswer(Model):
    """The entities that are silent: with `period` the longest first, else those that are most beyond their rhythm."""

    timestamp: datetime = Field(examples=[TIME_EXAMPLE])
    period: str | None = Field(examples=["1d"])
    entities: list[SilentEntity]
    source: StatsSource
