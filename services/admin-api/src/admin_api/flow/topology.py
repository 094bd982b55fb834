"""The flow as a graph: its parts, and what goes from one to the next; null is what nobody could say."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from ha_ingestor_core.log_ring import LogLine
from ha_ingestor_core.transfer_rate import Transfers
from msgspec import Struct

from admin_api.flow.status import PartStatus


class NodeKind(StrEnum):
    """What a node of the graph is."""

    SOURCE = "source"
    SERVICE = "service"
    STORE = "store"
    CLIENT = "client"


class EdgeKind(StrEnum):
    """How something goes from one part to the next; `fallback` only while the services answer in the store's place."""

    WEBSOCKET = "websocket"
    STORAGE = "storage"
    QUERY = "query"
    API = "api"
    FALLBACK = "fallback"


class Dependency(Struct, frozen=True):
    """A part that another one needs."""

    id: str
    label: str
    status: PartStatus


class Node(Struct, frozen=True, kw_only=True):
    """A part of the flow; numbers are of the last minutes."""

    id: str
    label: str
    kind: NodeKind
    status: PartStatus
    home: str | None = None
    version: str | None = None
    uptime_s: float | None = None
    rate_per_minute: float | None = None
    queue_depth: float | None = None
    errors: int | None = None
    dependencies: list[Dependency] = []
    last_error: str | None = None
    logs: list[LogLine] = []

    @property
    def is_there(self) -> bool:
        """Whether anything can come from it or go to it."""
        return self.status not in (PartStatus.UNREACHABLE, PartStatus.UNHEALTHY)


class Edge(Struct, frozen=True):
    """What goes from one part to the next."""

    id: str
    source: str
    target: str
    kind: EdgeKind
    label: str
    rate_per_minute: float | None
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    active: bool


def edge(
    source: Node, target: Node, kind: EdgeKind, label: str, flows: Transfers, *, active: bool | None = None
) -> Edge:
    """Connect two parts; active where both are there and, unless `active` says so, the rate is not 0."""
    flowing = bool(flows.per_minute) if active is None else active
    return Edge(
        id=f"{source.id}→{target.id}",
        source=source.id,
        target=target.id,
        kind=kind,
        label=label,
        rate_per_minute=flows.per_minute,
        latency_p50_ms=flows.latency_p50_ms,
        latency_p95_ms=flows.latency_p95_ms,
        active=source.is_there and target.is_there and flowing,
    )


def dependencies(nodes: Iterable[Node]) -> list[Dependency]:
    """Return parts as what another one needs."""
    return [Dependency(node.id, node.label, node.status) for node in nodes]
