"""Models of `/health`."""

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
    """A dependency, its status and its response time."""

    name: str = Field(examples=["influxdb"])
    kind: DependencyKind
    status: PartStatus
    response_time_ms: float | None = Field(description="null: not measured, or no answer", examples=[1.2])
    required: bool = Field(description="Whether the Admin API cannot answer statistics without it", examples=[False])
    last_error: str | None = Field(examples=[None])


class DependenciesAnswer(Model):
    """The dependencies, in the order of the flow."""

    dependencies: list[Dependency]
    timestamp: datetime = Field(examples=[TIME_EXAMPLE])


class ServiceHealth(Model):
    """The status of a service, as reported by itself; null if it did not answer."""

    service: str = Field(examples=["websocket-ingestion"])
    status: PartStatus
    instance: str | None = Field(examples=["home-server"])
    started: datetime | None = Field(examples=[TIME_EXAMPLE])
    uptime_s: float | None = Field(examples=[86_400.0])
    queue_depth: int | None = Field(examples=[0])
    last_error: str | None = Field(examples=[None])


class ServicesHealthAnswer(Model):
    """The services by name."""

    services: dict[str, ServiceHealth]
    timestamp: datetime = Field(examples=[TIME_EXAMPLE])


class AdminApiFigures(Model):
    """The metrics of the Admin API since its start."""

    uptime_s: float = Field(examples=[3600.0])
    requests: int = Field(examples=[7200])
    failed_requests: int = Field(description="Requests with status 500 or above, or without an answer", examples=[0])
    mean_response_time_ms: float | None = Field(examples=[1.4])
    statistics_source: StatsSource = Field(description="Current source of statistics", examples=[StatsSource.INFLUXDB])
    store_connected: bool
    store_queries: int = Field(examples=[1440])
    store_errors: int = Field(examples=[0])
    store_mean_query_time_ms: float | None = Field(description="Mean of the last thousand queries", examples=[8.2])
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
        description="Event types that the token may receive; null: all types, as with the token of an administrator",
        examples=[None],
    )
    token_variable: str = Field(description="Setting with the access token", examples=["HA_TOKEN"])
    clock_offset_s: float | None = Field(
        description="Seconds by which the clock of Home Assistant is ahead of the local clock; null: unknown",
        examples=[0.2],
    )


class EventProcessing(Model):
    """The flow of events; `last_error` is the reason for missing values."""

    status: PartStatus
    events_per_minute: float = Field(
        description="Stored events per minute, over the last 5 minutes; 0 if unknown, with a `reason`",
        examples=[59.7],
    )
    reason: str | None = Field(
        description="Reason why events_per_minute is unknown; null if it is known", examples=[None]
    )
    last_event_time: datetime | None = Field(examples=[TIME_EXAMPLE])
    processing_lag: float | None = Field(
        description="Seconds since the arrival of the frame being processed", examples=[0.01]
    )
    total_events_received: int | None = Field(description="Since websocket-ingestion started", examples=[3600])
    last_error: str | None = Field(examples=[None])


class WeatherEnrichment(Model):
    """The weather enrichment."""

    enabled: bool
    cache_hits: int | None
    api_calls: int | None
    last_error: str | None


class InfluxdbStorage(Model):
    """The store (InfluxDB or embedded); connected if it can be read and written."""

    is_connected: bool
    last_write_time: datetime | None = Field(examples=[TIME_EXAMPLE])
    write_errors: int | None = Field(examples=[0])
    last_error: str | None = Field(examples=[None])
    error_key: str | None = Field(
        description="Error key such as `store_damaged` if the store cannot be read; otherwise null", examples=[None]
    )


class IngestionService(Model):
    """The flow of events from Home Assistant to the store."""

    status: PartStatus
    websocket_connection: WebsocketConnection
    event_processing: EventProcessing
    weather_enrichment: WeatherEnrichment
    influxdb_storage: InfluxdbStorage
    timestamp: datetime = Field(examples=[TIME_EXAMPLE])


class HomeHealth(Model):
    """A captured home."""

    home: str = Field(examples=["cabin"])
    status: PartStatus
    state: ConnectionState
    last_error: str | None = Field(examples=[None])
    event_types: list[str] | None = Field(
        description="Event types that the token may receive; null: all types", examples=[None]
    )
    token_variable: str = Field(description="Setting with the access token", examples=["HA_TOKEN"])
    clock_offset_s: float | None = Field(
        description="Seconds by which its clock is ahead of the local clock; null: unknown", examples=[0.2]
    )
    signs_of_life_refusal: str | None = Field(
        description="Reason why Home Assistant does not provide `last_reported`; silent sensors are then detected "
        "only by state changes. null if it does",
        examples=[None],
    )


class HealthAnswer(Model):
    """The health of HA Ingestor and its parts."""

    overall_status: OverallStatus
    events_per_minute: float | None = Field(
        description="Stored events per minute, by the time of the event, over the last 5 minutes; null: unknown",
        examples=[59.7],
    )
    received_per_minute: float | None = Field(
        description="Live events per minute received from all connected homes and saved to disk, over the last 5 "
        "minutes; null: unknown",
        examples=[60.2],
    )
    stored_per_minute: float | None = Field(
        description="Events per minute written to the store over the last 5 minutes, regardless of their own time: "
        "exceeds received_per_minute while a backlog is written; 0 while nothing can be written; null: unknown",
        examples=[59.7],
    )
    waiting_events: int | None = Field(
        description="Events saved to disk and not yet stored; null: unknown",
        examples=[0],
    )
    deployment: Deployment = Field(
        description="all-in-one: the services run in the process of the Admin API, and stop with it; separate: "
        "capture continues without the Admin API"
    )
    admin_api_status: PartStatus
    ingestion_service: IngestionService
    home: str | None = Field(
        description="Name of the home (`demo`: the demo home); with several homes, the first that is not healthy",
        examples=["home"],
    )
    homes: list[HomeHealth] = Field(description="All captured homes; empty if unknown")
    damaged_files: list[str] = Field(
        description="Files of DATA_DIR that were damaged and moved aside; delete them to clear the list",
        examples=[["gaps/home.json.damaged"]],
    )
    timestamp: datetime = Field(examples=[TIME_EXAMPLE])


class AliveAnswer(Model):
    """The process is running."""

    status: str = Field(examples=["alive"])


class ReadyAnswer(Model):
    """Statistics are available; `source` is their current source."""

    status: str = Field(examples=["ready"])
    source: StatsSource = Field(examples=[StatsSource.INFLUXDB])
