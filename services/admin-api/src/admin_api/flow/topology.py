"""The flow as a graph: nodes and edges; None is unknown."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from ha_ingestor_core.logging.log_ring import LogLine
from ha_ingestor_core.reporting.transfer_rate import Transfers
from msgspec import Struct

from admin_api.flow.status import PartStatus


class NodeKind(StrEnum):
    """The kind of a node."""

    SOURCE = "source"
    SERVICE = "service"
    STORE = "store"
    CLIENT = "client"


class EdgeKind(StrEnum):
    """The kind of an edge; `fallback` only while statistics come from the services."""

    WEBSOCKET = "websocket"
    STORAGE = "storage"
    QUERY = "query"
    API = "api"
    FALLBACK = "fallback"


class Dependency(Struct, frozen=True):
    """A dependency of a node."""

    id: str
    label: str
    status: PartStatus


class Node(Struct, frozen=True, kw_only=True):
    """A part of the flow; rates are of the last minutes."""

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
        """Whether data can flow from or to it."""
        return self.status not in (PartStatus.UNREACHABLE, PartStatus.UNHEALTHY)


class Edge(Struct, frozen=True):
    """A flow of data between two nodes."""

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
    """Return an edge; active if both nodes are available and the rate is not 0, or as given by `active`."""
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
    """Return nodes as dependencies of another one."""
    return [Dependency(node.id, node.label, node.status) for node in nodes]
