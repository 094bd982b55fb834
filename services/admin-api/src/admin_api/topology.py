"""The flow as a graph: who hands what to whom, and how much of it a minute."""

from __future__ import annotations

from enum import StrEnum

from ha_ingestor_store.store import Source
from msgspec import Struct

from admin_api.models import PartStatus
from admin_api.views import View


class NodeKind(StrEnum):
    """What a node of the graph is."""

    SOURCE = "source"
    SERVICE = "service"
    STORE = "store"
    CLIENT = "client"


class Part(Struct, frozen=True):
    """How one part of the flow is, as whoever was asked said."""

    status: PartStatus
    last_error: str | None = None


class Flow(Struct, frozen=True):
    """What the graph is drawn from: parts by id, and the services' numbers by name (of which any may be missing)."""

    parts: dict[str, Part]
    services: dict[str, View]
    store: Source
    stored_per_minute: float | None
    queries_per_minute: float | None


HOME_ASSISTANT, INGESTION, PIPELINE, ADMIN_API, DASHBOARD = (
    "home-assistant",
    "websocket-ingestion",
    "enrichment-pipeline",
    "admin-api",
    "health-dashboard",
)
_LABELS = {
    HOME_ASSISTANT: ("Home Assistant", NodeKind.SOURCE),
    INGESTION: ("WebSocket ingestion", NodeKind.SERVICE),
    PIPELINE: ("Enrichment pipeline", NodeKind.SERVICE),
    Source.INFLUXDB.value: ("InfluxDB", NodeKind.STORE),
    Source.EMBEDDED.value: ("Embedded store", NodeKind.STORE),
    ADMIN_API: ("Admin API", NodeKind.SERVICE),
    DASHBOARD: ("Dashboard", NodeKind.CLIENT),
}


def nodes_view(flow: Flow) -> list[View]:
    """The parts in the order in which an event meets them."""
    rates = {
        HOME_ASSISTANT: _number(flow, INGESTION, "events_per_minute"),
        INGESTION: _number(flow, INGESTION, "events_per_minute"),
        PIPELINE: _number(flow, PIPELINE, "events_per_minute"),
        flow.store.value: flow.stored_per_minute,
        ADMIN_API: _number(flow, ADMIN_API, "events_per_minute"),
        DASHBOARD: _number(flow, ADMIN_API, "events_per_minute"),
    }
    return [
        {
            "id": name,
            "label": _LABELS[name][0],
            "kind": _LABELS[name][1],
            "status": flow.parts[name].status,
            "rate_per_minute": rate,
            "queue_depth": _number(flow, name, "queue_depth"),
            "last_error": flow.parts[name].last_error,
        }
        for name, rate in rates.items()
    ]


def edges_view(flow: Flow) -> list[View]:
    """What goes from one to the next."""
    store = flow.store.value
    return [
        _edge(flow, HOME_ASSISTANT, INGESTION, "events", _number(flow, INGESTION, "events_per_minute")),
        _edge(flow, INGESTION, PIPELINE, "events", _number(flow, PIPELINE, "events_per_minute")),
        _edge(flow, PIPELINE, store, "points", flow.stored_per_minute),
        _edge(flow, store, ADMIN_API, "answers", flow.queries_per_minute),
        _edge(flow, ADMIN_API, DASHBOARD, "answers", _number(flow, ADMIN_API, "events_per_minute")),
    ]


def _edge(flow: Flow, source: str, target: str, label: str, rate: float | None) -> View:
    away = (PartStatus.UNREACHABLE, PartStatus.UNHEALTHY)
    are_there = flow.parts[source].status not in away and flow.parts[target].status not in away
    return {
        "id": f"{source}→{target}",
        "source": source,
        "target": target,
        "label": label,
        "rate_per_minute": rate,
        "active": are_there and bool(rate),
    }


def _number(flow: Flow, service: str, name: str) -> float | None:
    value: float | None = flow.services.get(service, {}).get(name)
    return value
