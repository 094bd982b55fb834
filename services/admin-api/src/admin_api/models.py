"""The shapes of the answers: what the OpenAPI documents and the dashboard's types are generated from.

Answers are encoded without passing through these models, since validating what we built ourselves costs more than
building it; the tests validate every answer against them instead.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from ha_ingestor_core.delivery import ConnectionState, ReplayOutcome
from ha_ingestor_core.event_filter import FilterRule
from ha_ingestor_core.events import OriginKind
from ha_ingestor_core.filters import EXPECTED_PATTERNS, FilterSource
from ha_ingestor_core.gaps import GapReason, GapStatus
from ha_ingestor_core.taps import TapOutcome
from pydantic import BaseModel, ConfigDict, Field

from admin_api.sources import Deployment
from admin_api.stats_source import StatsSource

TIME_EXAMPLE = "2026-11-24T03:12:26.123456+00:00"
_EVENT_ID = "18a8f1a2b3c4d5e6-0123456789abcdef"


class OverallStatus(StrEnum):
    """How the whole is doing."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


class PartStatus(StrEnum):
    """How a part is doing; unreachable: it did not answer, so nothing is known."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"
    UNREACHABLE = "unreachable"


class Model(BaseModel):
    """An object of an answer: exactly these members, all of them present."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)


class ErrorBody(Model):
    """What went wrong: a stable key, a sentence, and what a machine may want to read."""

    key: str = Field(examples=["invalid_input"])
    message: str = Field(examples=["period should be <number><m|h|d|w|y>, such as 15m, 1h, 7d, 4w or 1y, at most 100y"])
    detail: dict[str, Any] = Field(
        examples=[{"field": "period", "expected": "<number><m|h|d|w|y>, such as 15m, 1h, 7d, 4w or 1y, at most 100y"}]
    )


class ErrorAnswer(Model):
    """The body of every answer of 400 and above."""

    error: ErrorBody


class Coverage(Model):
    """From when an answer counts; not complete where capture began after the period's start."""

    start: datetime | None = Field(examples=[TIME_EXAMPLE])
    complete: bool


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

    id: str = Field(examples=[_EVENT_ID])
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


class RejectedEvent(Model):
    """An event that was not stored, and why; once it was replayed, when and how that ended."""

    id: str = Field(examples=[_EVENT_ID])
    time: datetime = Field(description="When it arrived: its own time may be what is wrong", examples=[TIME_EXAMPLE])
    home: str = Field(examples=["home"])
    service: str = Field(examples=["enrichment-pipeline"])
    key: str = Field(description="The reason, as counted", examples=["missing_field"])
    message: str = Field(examples=["time_fired should be there, got nothing"])
    origin_kind: OriginKind = Field(examples=[OriginKind.LIVE])
    replayed: datetime | None = Field(examples=[TIME_EXAMPLE])
    outcome: ReplayOutcome | None = Field(examples=[ReplayOutcome.WRITTEN])


class RejectedEventDetail(RejectedEvent):
    """A rejected event with the JSON that came, as text; a very long one is cut, and its message says so."""

    payload: str = Field(examples=['{"event_type":"state_changed","data":{}}'])


class RejectedAnswer(Model):
    """Rejected events, newest first; `next_cursor` is null on the last page."""

    events: list[RejectedEvent]
    counts: dict[str, int] = Field(
        description="How many there are by key, on all pages together", examples=[{"missing_field": 3}]
    )
    next_cursor: str | None = Field(examples=[None])


class RejectedFileAnswer(Model):
    """The file in which the enrichment-pipeline keeps rejected events; null is unknown."""

    bytes: int | None = Field(description="In use", examples=[1_048_576])
    limit_bytes: int | None = Field(description="REJECTED_LIMIT_BYTES", examples=[67_108_864])
    last_error: str | None = Field(description="Why nothing more is kept; null while events are", examples=[None])


class ReplayAnswer(Model):
    """What became of a replayed event; where it was rejected again, `key` and `message` are the new reason."""

    id: str = Field(examples=[_EVENT_ID])
    outcome: ReplayOutcome = Field(examples=[ReplayOutcome.WRITTEN])
    replayed: datetime = Field(examples=[TIME_EXAMPLE])
    key: str | None = Field(examples=[None])
    message: str | None = Field(examples=[None])


class Gap(Model):
    """A stretch of time in which events may have happened that nobody captured, and what became of it."""

    home: str = Field(examples=["home"])
    start: datetime = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(examples=[TIME_EXAMPLE])
    reason: GapReason = Field(examples=[GapReason.CONNECTION_LOST])
    status: GapStatus = Field(examples=[GapStatus.CLOSED])
    entities: int = Field(description="Whose history was asked for", examples=[212])
    recovered: int = Field(description="Changes that the store did not have", examples=[1204])
    known: int = Field(description="Changes that it had", examples=[3])
    lost: list[str] = Field(
        description="What could not be recovered and why, a sentence each",
        examples=[["Events other than state changes: Home Assistant keeps no history of them"]],
    )
    entity_names: dict[str, str] = Field(
        description="Friendly names of the entities that `lost` names, where they are known",
        examples=[{"sensor.attic": "Attic temperature"}],
    )
    found: datetime = Field(examples=[TIME_EXAMPLE])
    closed: datetime | None = Field(examples=[TIME_EXAMPLE])


class Filling(Model):
    """A gap that is being filled: the history is read stretch by stretch, of all entities until `read_until`.

    `entities_done` of `entities` were read in the stretch after it. Nothing is read while Home Assistant is away.
    """

    home: str = Field(examples=["home"])
    start: datetime = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(examples=[TIME_EXAMPLE])
    reason: GapReason = Field(examples=[GapReason.RESTART])
    done_percent: float = Field(examples=[43.7])
    entities: int = Field(description="Whose history is read; 0 until that is known", examples=[212])
    entities_done: int = Field(examples=[75])
    read_until: datetime | None = Field(examples=[TIME_EXAMPLE])
    recovered: int = Field(description="Changes that the store did not have", examples=[1204])
    known: int = Field(description="Changes that it had", examples=[3])
    is_connected: bool = Field(description="Whether Home Assistant can be asked now", examples=[True])
    last_error: str | None = Field(
        description="Why the last attempt failed; it is tried again after GAP_FILLING_RETRY_S", examples=[None]
    )


class FillingAnswer(Model):
    """What is being fetched from Home Assistant's history now, one gap per home at a time."""

    filling: list[Filling]


class GapsAnswer(Model):
    """Gaps, those that began last first; `next_cursor` is null on the last page."""

    gaps: list[Gap]
    open: int = Field(description="How many are open, of any time", examples=[0])
    next_cursor: str | None = Field(examples=[None])


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


class WebsocketConnection(Model):
    """The connection to Home Assistant."""

    is_connected: bool
    last_connection_time: datetime | None = Field(examples=[TIME_EXAMPLE])
    connection_attempts: int | None = Field(examples=[1])
    last_error: str | None = Field(examples=[None])
    state: ConnectionState
    event_types: list[str] | None = Field(
        description="The only event types that the token may receive; null for all: an administrator's token receives "
        "every type",
        examples=[None],
    )
    token_variable: str = Field(description="The setting that holds the access token", examples=["HA_TOKEN"])
    clock_offset_s: float | None = Field(
        description="Seconds by which Home Assistant's clock is ahead of ours; null while it is not known",
        examples=[0.2],
    )


class EventProcessing(Model):
    """How events flow; `last_error` says why a number is missing."""

    status: PartStatus
    events_per_minute: float = Field(
        description="Stored events over the last 5 minutes; 0 where that is not known, and `reason` says why",
        examples=[59.7],
    )
    reason: str | None = Field(description="Why events_per_minute is not known; null where it is", examples=[None])
    last_event_time: datetime | None = Field(examples=[TIME_EXAMPLE])
    processing_lag: float | None = Field(description="Seconds from a frame's arrival until now", examples=[0.01])
    total_events_received: int | None = Field(description="Since websocket-ingestion started", examples=[3600])
    last_error: str | None = Field(examples=[None])


class WeatherEnrichment(Model):
    """The weather at the time of an event."""

    enabled: bool
    cache_hits: int | None
    api_calls: int | None
    last_error: str | None


class InfluxdbStorage(Model):
    """The store, whichever it is: connected when it answers and takes writes."""

    is_connected: bool
    last_write_time: datetime | None = Field(examples=[TIME_EXAMPLE])
    write_errors: int | None = Field(examples=[0])
    last_error: str | None = Field(examples=[None])
    error_key: str | None = Field(
        description="Why the store can't be read, as a key such as `store_damaged`; null while it can", examples=[None]
    )


class IngestionService(Model):
    """The way of an event from Home Assistant into the store."""

    status: PartStatus
    websocket_connection: WebsocketConnection
    event_processing: EventProcessing
    weather_enrichment: WeatherEnrichment
    influxdb_storage: InfluxdbStorage
    timestamp: datetime = Field(examples=[TIME_EXAMPLE])


class HomeHealth(Model):
    """One of the homes that are captured."""

    home: str = Field(examples=["cabin"])
    status: PartStatus
    state: ConnectionState
    last_error: str | None = Field(examples=[None])
    event_types: list[str] | None = Field(
        description="The only event types that the token may receive; null for all", examples=[None]
    )
    token_variable: str = Field(description="The setting that holds the access token", examples=["HA_TOKEN"])
    clock_offset_s: float | None = Field(
        description="Seconds by which its clock is ahead of ours; null while it is not known", examples=[0.2]
    )
    signs_of_life_refusal: str | None = Field(
        description="Why Home Assistant does not say which sensors report without changing: their silence is then "
        "judged by their changes alone; null where it does",
        examples=[None],
    )


class HealthAnswer(Model):
    """How the whole is doing, part by part."""

    overall_status: OverallStatus
    events_per_minute: float | None = Field(
        description="Events of the last 5 minutes, by their own time, that are in the store; null where that is not "
        "known",
        examples=[59.7],
    )
    received_per_minute: float | None = Field(
        description="Live events that Home Assistant sent over the last 5 minutes and that are safe on disk, of all "
        "homes that are connected; null where websocket-ingestion does not say",
        examples=[60.2],
    )
    stored_per_minute: float | None = Field(
        description="Events that the store took over the last 5 minutes, whenever they happened: more than were "
        "received while a backlog is written; 0 while it takes none; null where the enrichment-pipeline does not say",
        examples=[59.7],
    )
    waiting_events: int | None = Field(
        description="Events that are safe on disk and not yet in the store; null where websocket-ingestion does not "
        "say",
        examples=[0],
    )
    deployment: Deployment = Field(
        description="all-in-one: the services run in the process of the Admin API, and stop with it; separate: the "
        "capture goes on without it"
    )
    admin_api_status: PartStatus
    ingestion_service: IngestionService
    home: str | None = Field(
        description="`demo` is the demo home; of several homes the first that is not well", examples=["home"]
    )
    homes: list[HomeHealth] = Field(description="Every home that is captured; empty where nobody could say")
    damaged_files: list[str] = Field(
        description="Files of DATA_DIR that could not be read and were set aside, until somebody deletes them",
        examples=[["gaps/home.json.damaged"]],
    )
    timestamp: datetime = Field(examples=[TIME_EXAMPLE])


class AliveAnswer(Model):
    """The process runs."""

    status: str = Field(examples=["alive"])


class ReadyAnswer(Model):
    """Statistics can be answered, and who would answer them now."""

    status: str = Field(examples=["ready"])
    source: StatsSource = Field(examples=[StatsSource.INFLUXDB])


class StreamStatistics(Model):
    """The data of a `statistics` event of the stream."""

    timestamp: datetime = Field(examples=[TIME_EXAMPLE])
    total_events: int = Field(description="Of the last 15 minutes", examples=[900])
    events_per_minute: float | None = Field(description="Null before the first event", examples=[60.0])
    last_minute: int = Field(description="Events of the last 60 s", examples=[58])


class TapEnd(StrEnum):
    """Why a tap ended."""

    CLOSED = "closed"
    TIME_OVER = "time_over"
    READER_GONE = "reader_gone"
    LOST = "lost"
    """The enrichment-pipeline does not have it any more: it was restarted."""
    STOPPED = "stopped"


class TapBody(Model):
    """Which events the tap shows; what is left out is any."""

    model_config = ConfigDict(extra="forbid")

    entity_id: str | None = Field(
        default=None, description="Glob of * and ?, case-sensitive", max_length=255, examples=["light.*"]
    )
    domain: str | None = Field(default=None, max_length=255, examples=["light"])
    event_type: str | None = Field(default=None, max_length=255, examples=["state_changed"])
    area: str | None = Field(default=None, max_length=255, examples=["Kitchen"])
    home: str | None = Field(default=None, max_length=255, examples=["home"])


class TapAnswer(Model):
    """A tap that was opened."""

    id: str = Field(examples=["0123456789abcdef"])
    ends: datetime = Field(examples=[TIME_EXAMPLE])
    remaining_s: float = Field(examples=[600.0])


class TapReason(Model):
    """Why an event was filtered (`key` is the rule) or rejected."""

    key: str = Field(examples=["excluded_domain"])
    message: str | None = Field(examples=[None])


class TappedPoint(Model):
    """The point that an event became, field by field as it is stored."""

    time: datetime = Field(examples=[TIME_EXAMPLE])
    time_ns: str = Field(description="Nanoseconds since 1970, the key's exact time", examples=["1795921946123456042"])
    home: str = Field(examples=["home"])
    event_type: str = Field(examples=["state_changed"])
    domain: str | None = Field(examples=["sensor"])
    entity_id: str | None = Field(examples=["sensor.kitchen_temperature"])
    state: str | None = Field(examples=["21.5"])
    value: float | None = Field(examples=[21.5])
    old_state: str | None = Field(examples=["21.4"])
    unit: str | None = Field(examples=["°C"])
    friendly_name: str | None = Field(examples=["Kitchen temperature"])
    area: str | None = Field(examples=["Kitchen"])
    floor: str | None = Field(examples=["Ground floor"])
    labels: list[str] | None = Field(examples=[["energy"]])
    device: str | None = Field(examples=["Kitchen sensor"])
    device_class: str | None = Field(examples=["temperature"])
    integration: str | None = Field(examples=["mqtt"])
    attributes: dict[str, Any] | None = Field(examples=[{"unit_of_measurement": "°C"}])
    data: Any = Field(description="Of an event that is no state change", examples=[None])
    removed: bool = Field(examples=[False])
    context_id: str | None = Field(examples=["01HG0000000000000000000000"])
    context_parent_id: str | None = Field(examples=[None])
    context_user_id: str | None = Field(examples=[None])
    origin: str | None = Field(examples=["LOCAL"])
    origin_kind: OriginKind = Field(examples=["live"])
    weather: EventWeather | None = Field(examples=[None])


class TappedEvent(Model):
    """An event of a tap: as Home Assistant sent it, what became of it and why, and its point."""

    received: datetime = Field(examples=[TIME_EXAMPLE])
    home: str = Field(examples=["home"])
    origin_kind: OriginKind = Field(examples=["live"])
    outcome: TapOutcome = Field(examples=["written"])
    reason: TapReason | None = Field(examples=[None])
    raw: str = Field(description="What came; JSON, unless that is what was wrong with it", examples=["{…}"])
    is_cut: bool = Field(description="Whether only the first 64 KiB of `raw` are shown", examples=[False])
    point: TappedPoint | None


class TapStatus(Model):
    """The state of a tap; `left_out` is null while the enrichment-pipeline does not answer."""

    remaining_s: float = Field(examples=[587.2])
    left_out: int | None = Field(description="Events that were too many to be shown", examples=[0])
    error: str | None = Field(examples=[None])


class TapEnded(Model):
    """Why a tap ended."""

    reason: TapEnd = Field(examples=["time_over"])


class Account(Model):
    """received = written + duplicate + filtered + rejected + expired + failed + what the queue grew by + difference."""

    received: int = Field(examples=[3600])
    written: int = Field(examples=[3560])
    duplicate: int = Field(examples=[12])
    filtered: int = Field(examples=[10])
    rejected: int = Field(examples=[8])
    expired: int = Field(description="Older than the store keeps", examples=[0])
    failed: int = Field(description="Received, and then made unreadable by damage on the disk", examples=[0])
    queued_at_start: int = Field(examples=[0])
    queued_at_end: int = Field(examples=[10])
    difference: int = Field(description="What has neither an end nor a place in the queue", examples=[0])
    adds_up: bool
    counted_until: datetime = Field(description="The time of the newest report", examples=[TIME_EXAMPLE])


class AccountingAnswer(Model):
    """The balance of every service that events go through and that reported in the period."""

    timestamp: datetime = Field(examples=[TIME_EXAMPLE])
    period: str | None = Field(description="Null where `start` was given", examples=["1h"])
    start: datetime = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(examples=[TIME_EXAMPLE])
    services: dict[str, Account]


class FilterListsBody(Model):
    """Ids, and globs of `*` and `?`; a list that is left out is empty."""

    entities: list[str] = Field(
        default=[], description=EXPECTED_PATTERNS["entities"], examples=[["light.kitchen", "*_battery"]]
    )
    domains: list[str] = Field(default=[], description=EXPECTED_PATTERNS["domains"], examples=[["automation"]])
    event_types: list[str] = Field(default=[], description=EXPECTED_PATTERNS["event_types"], examples=[["zha_*"]])


class FilterLists(FilterListsBody):
    """Ids, and globs of `*` and `?`; an entry with a wildcard is a glob."""


class FiltersBody(Model):
    """Which events are kept; with empty lists every event is."""

    include: FilterListsBody = FilterListsBody()
    exclude: FilterListsBody = FilterListsBody()


class FiltersAnswer(Model):
    """The filters in force; with the source `environment` they can't be changed at run time."""

    include: FilterLists
    exclude: FilterLists
    source: FilterSource
    variables: list[str] = Field(
        description="The environment variables that set them", examples=[["FILTER_EXCLUDE_ENTITIES"]]
    )


class NameCount(Model):
    """How many events an entity, or an event type, had."""

    name: str = Field(examples=["sensor.phone_battery"])
    friendly_name: str | None = Field(description="Of an entity", examples=["Phone battery"])
    count: int = Field(examples=[42])


class DroppedByRule(Model):
    """What one rule would have left out: how many events, whose most, and the newest."""

    rule: FilterRule = Field(examples=[FilterRule.EXCLUDED_ENTITY])
    count: int = Field(examples=[42])
    busiest: list[NameCount]
    examples: list[Event]


class FilterPreviewAnswer(Model):
    """What filters would have left out of the events from `start` to `end`, the rule with the most events first."""

    period: str = Field(examples=["1h"])
    start: datetime = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(examples=[TIME_EXAMPLE])
    complete: bool = Field(description="Whether all events of the period were looked at, or the newest 10,000")
    events: int = Field(description="How many were looked at", examples=[3600])
    kept: int = Field(examples=[3558])
    dropped: list[DroppedByRule]


class BackfillRequest(BaseModel):
    """The time to fill, [start, end), both RFC 3339 with offset."""

    model_config = ConfigDict(extra="forbid")

    start: str = Field(examples=["2026-11-24T14:02:00+00:00"], json_schema_extra={"format": "date-time"})
    end: str = Field(examples=["2026-11-24T14:31:00+00:00"], json_schema_extra={"format": "date-time"})


class Backfill(Model):
    """A backfill as it is now; `closed` is null while it runs. `lost` says what could not be recovered."""

    start: datetime = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(examples=[TIME_EXAMPLE])
    status: GapStatus
    done_percent: float
    entities: int
    entities_done: int = Field(description="Of `entities`, those that were read in the stretch after `read_until`")
    read_until: datetime | None = Field(description="Up to when the history of all entities was read")
    recovered: int
    known: int
    lost: list[str]
    closed: datetime | None


class BackfillAnswer(Model):
    """`/backfill`."""

    backfill: Backfill | None
