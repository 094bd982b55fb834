"""Models of the topology."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from admin_api.flow.status import PartStatus
from admin_api.flow.topology import EdgeKind, NodeKind
from admin_api.http.models import TIME_EXAMPLE, Model
from admin_api.rollout.source import StatsSource


class TopologyDependency(Model):
    """A dependency of a node."""

    id: str = Field(examples=["embedded"])
    label: str = Field(examples=["Embedded store"])
    status: PartStatus


class TopologyLogLine(Model):
    """A warning or error logged by a service; secrets are masked."""

    time: datetime = Field(examples=[TIME_EXAMPLE])
    level: str = Field(description="warning, error or critical", examples=["warning"])
    event: str = Field(description="Name of the log event", examples=["store_unreachable"])
    message: str = Field(description="Fields of the log event", examples=["error=The store did not answer within 1 s"])


class TopologyNode(Model):
    """A part of the flow; null: unknown or not applicable."""

    id: str = Field(
        description="Id of the part. With several homes, `home-assistant:<home>` for each; the store is `embedded` or "
        "`influxdb`",
        examples=["enrichment-pipeline"],
    )
    label: str = Field(examples=["Enrichment pipeline"])
    kind: NodeKind
    home: str | None = Field(description="Home of a source", examples=[None])
    status: PartStatus
    version: str | None = Field(
        description="Version of a service, of the store (`SQLite …` if embedded), or of Home Assistant at the last "
        "connection",
        examples=["0.1.0"],
    )
    uptime_s: float | None = Field(description="Seconds since a service started", examples=[86_400.0])
    rate_per_minute: float | None = Field(
        description="Events per minute of a source, a service or the store; requests per minute of the Admin API",
        examples=[59.7],
    )
    queue_depth: float | None = Field(description="Queued events of a service", examples=[0.0])
    errors: int | None = Field(
        description="Service: rejected and failed events, and failed writes (Admin API: failed requests); store: "
        "failed queries and writes",
        examples=[0],
    )
    dependencies: list[TopologyDependency] = Field(description="Parts that this part depends on")
    last_error: str | None = Field(examples=[None])
    logs: list[TopologyLogLine] = Field(
        description="Newest warnings and errors of a service since its start, oldest first; at most 50 lines, 16 KiB, "
        "and 10 lines of the same event"
    )


class TopologyEdge(Model):
    """A flow of data between two parts; docs/architecture.md describes what each latency measures."""

    id: str = Field(examples=["websocket-ingestion→enrichment-pipeline"])
    source: str = Field(examples=["websocket-ingestion"])
    target: str = Field(examples=["enrichment-pipeline"])
    kind: EdgeKind = Field(description="fallback: only while statistics come from the services")
    label: str = Field(examples=["events"])
    rate_per_minute: float | None = Field(examples=[59.7])
    latency_p50_ms: float | None = Field(description="Median; null: not measured", examples=[3.1])
    latency_p95_ms: float | None = Field(description="95th percentile", examples=[8.4])
    active: bool = Field(description="Whether both parts are available and data flows", examples=[True])


class TopologyAnswer(Model):
    """The flow as a graph, with the rates of the last minutes."""

    nodes: list[TopologyNode]
    edges: list[TopologyEdge]
    period: str = Field(description="Period over which rates are calculated", examples=["5m"])
    source: StatsSource
    warning: str | None = Field(examples=[None])
    timestamp: datetime = Field(examples=[TIME_EXAMPLE])
