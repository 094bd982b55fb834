"""The shapes of what `/health` tells of the single parts, and of the topology; see models."""

from __future__ import annotations

from datetime import datetime

from ha_ingestor_core.delivery import ConnectionState
from pydantic import Field

from admin_api.flow.dependencies import DependencyKind
from admin_api.flow.status import OverallStatus, PartStatus
from admin_api.http.models import TIME_EXAMPLE, Model
from admin_api.peers.status import Deployment
from admin_api.rollout.source import StatsSource


class Dependency(Model):
    """Something that the flow needs, whether it works, and how long it took to say so."""

    name: str = Field(examples=["influxdb"])
    kind: DependencyKind
    status: PartStatus
    response_time_ms: float | None = Field(
        description="Null where it is not asked itself, or did not answer", examples=[1.2]
    )
    required: bool = Field(description="Without it the Admin API could not answer statistics at all", examples=[False])
    last_error: str | None = Field(examples=[None])


class DependenciesAnswer(Model):
    """What the flow depends on."""

    dependencies: list[Dependency]
    timestamp: datetime = Field(examples=[TIME_EXAMPLE])


class ServiceHealth(Model):
    """One service as it says itself; null where it did not answer."""

    service: str = Field(examples=["websocket-ingestion"])
    status: PartStatus
    instance: str | None = Field(examples=["home-server"])
    started: datetime | None = Field(examples=[TIME_EXAMPLE])
    uptime_s: float | None = Field(examples=[86_400.0])
    queue_depth: int | None = Field(examples=[0])
    last_error: str | None = Field(examples=[None])


class ServicesHealthAnswer(Model):
    """Every service by name."""

    services: dict[str, ServiceHealth]
    timestamp: datetime = Field(examples=[TIME_EXAMPLE])


class AdminApiFigures(Model):
    """How the Admin API itself does, counted since its start."""

    uptime_s: float = Field(examples=[3600.0])
    requests: int = Field(examples=[7200])
    failed_requests: int = Field(description="Answered with 500 or above, or not at all", examples=[0])
    mean_response_time_ms: float | None = Field(examples=[1.4])
    statistics_source: StatsSource = Field(description="Who answers statistics now", examples=[StatsSource.INFLUXDB])
    store_connected: bool
    store_queries: int = Field(examples=[1440])
    store_errors: int = Field(examples=[0])
    store_mean_query_time_ms: float | None = Field(description="Of the last thousand", examples=[8.2])
    store_last_error: str | None = Field(examples=[None])
    cache_hit_rate_percent: float | None = Field(examples=[82.5])
    timestamp: datetime = Field(examples=[TIME_EXAMPLE])


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
