"""The shapes of what `/health` tells of the single parts, and of the topology; see models."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from admin_api.dependencies import DependencyKind
from admin_api.models import TIME_EXAMPLE, Model, PartStatus
from admin_api.stats_source import StatsSource
from admin_api.topology import NodeKind


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


class TopologyNode(Model):
    """A part of the flow; `rate_per_minute` is what it handles, null where that is not known."""

    id: str = Field(examples=["enrichment-pipeline"])
    label: str = Field(examples=["Enrichment pipeline"])
    kind: NodeKind
    status: PartStatus
    rate_per_minute: float | None = Field(examples=[59.7])
    queue_depth: float | None = Field(examples=[0.0])
    last_error: str | None = Field(examples=[None])


class TopologyEdge(Model):
    """What flows from one part to the next."""

    id: str = Field(examples=["websocket-ingestion→enrichment-pipeline"])
    source: str = Field(examples=["websocket-ingestion"])
    target: str = Field(examples=["enrichment-pipeline"])
    label: str = Field(examples=["events"])
    rate_per_minute: float | None = Field(examples=[59.7])
    active: bool = Field(description="Both ends are there, and something flows", examples=[True])


class TopologyAnswer(Model):
    """The flow as a graph, with the rates of the last minutes."""

    nodes: list[TopologyNode]
    edges: list[TopologyEdge]
    period: str = Field(description="What the rates are means of", examples=["5m"])
    source: StatsSource
    warning: str | None = Field(examples=[None])
    timestamp: datetime = Field(examples=[TIME_EXAMPLE])
