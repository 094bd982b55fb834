"""Models of the topology."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from admin_api.flow.status import PartStatus
from admin_api.flow.topology import EdgeKind, NodeKind
from admin_api.http.models import TIME_EXAMPLE, Model
from admin_api.rollout.source import StatsSource


class TopologyDependency(Model):
    """A part that another one needs."""

    id: str = Field(examples=["embedded"])
    label: str = Field(examples=["Embedded store"])
    status: PartStatus


class TopologyLogLine(Model):
    """A warning or an error that a service has logged; secrets are hidden."""

    time: datetime = Field(examples=[TIME_EXAMPLE])
    level: str = Field(description="warning, error or critical", examples=["warning"])
    event: str = Field(description="The name of the event, the same each time", examples=["store_does_not_answer"])
    message: str = Field(description="Its fields", examples=["error=the store did not answer within 1 s"])


class TopologyNode(Model):
    """A part of the flow; null is what is not known or does not apply."""

    id: str = Field(
        description="`home-assistant` is `home-assistant:<home>` for each of several homes; the store is `embedded` or "
        "`influxdb`",
        examples=["enrichment-pipeline"],
    )
    label: str = Field(examples=["Enrichment pipeline"])
    kind: NodeKind
    home: str | None = Field(description="The home that a source belongs to", examples=[None])
    status: PartStatus
    version: str | None = Field(
        description="The release of a service, of the store (`SQLite …` where it is embedded), or of Home Assistant as "
        "of its last connection",
        examples=["0.1.0"],
    )
    uptime_s: float | None = Field(description="Seconds since a service started", examples=[86_400.0])
    rate_per_minute: float | None = Field(
        description="What it handles: events of a source, a service or the store; requests of the Admin API",
        examples=[59.7],
    )
    queue_depth: float | None = Field(description="What waits in a service", examples=[0.0])
    errors: int | None = Field(
        description="Of a service: events that were rejected or failed, and writes that failed (requests of the Admin "
        "API that failed); of the store: queries and writes that failed",
        examples=[0],
    )
    dependencies: list[TopologyDependency] = Field(description="The parts that it needs")
    last_error: str | None = Field(examples=[None])
    logs: list[TopologyLogLine] = Field(
        description="The newest warnings and errors of a service since it started, oldest first: 50 lines and 16 KiB "
        "at most, and 10 of one event"
    )


class TopologyEdge(Model):
    """What flows from one part to the next; docs/architecture.md says what each latency measures."""

    id: str = Field(examples=["websocket-ingestion→enrichment-pipeline"])
    source: str = Field(examples=["websocket-ingestion"])
    target: str = Field(examples=["enrichment-pipeline"])
    kind: EdgeKind = Field(description="fallback: only while the services answer statistics in the store's place")
    label: str = Field(examples=["events"])
    rate_per_minute: float | None = Field(examples=[59.7])
    latency_p50_ms: float | None = Field(description="Median; null where it is not measured", examples=[3.1])
    latency_p95_ms: float | None = Field(description="95th percentile", examples=[8.4])
    active: bool = Field(description="Both ends are there, and something flows", examples=[True])


class TopologyAnswer(Model):
    """The flow as a graph, with the rates of the last minutes."""

    nodes: list[TopologyNode]
    edges: list[TopologyEdge]
    period: str = Field(description="What the rates are means of", examples=["5m"])
    source: StatsSource
    warning: str | None = Field(examples=[None])
    timestamp: datetime = Field(examples=[TIME_EXAMPLE])
