"""Dependencies and services in `/health/dependencies` and `/health/services`."""

from __future__ import annotations

from enum import StrEnum

from ha_ingestor_store.store import Source

from admin_api.flow.health import capture_status
from admin_api.flow.status import PartStatus
from admin_api.http.views import View, moment_or_none
from admin_api.peers.status import EnrichmentStatus, IngestionStatus, Unreachable


class DependencyKind(StrEnum):
    """The kind of a dependency."""

    HOME_ASSISTANT = "home-assistant"
    SERVICE = "service"
    STORE = "store"


def dependencies_view(
    ingestion: IngestionStatus | Unreachable,
    enrichment: EnrichmentStatus | Unreachable,
    *,
    response_ms: float,
    store: Source,
    store_error: str | None,
    store_ms: float | None,
) -> list[View]:
    """Return Home Assistant, the services and the store, in the order of the flow."""
    return [
        _dependency("home-assistant", DependencyKind.HOME_ASSISTANT, *_home_assistant(ingestion)),
        _dependency("websocket-ingestion", DependencyKind.SERVICE, *_service(ingestion, response_ms)),
        _dependency("enrichment-pipeline", DependencyKind.SERVICE, *_service(enrichment, response_ms)),
        _dependency(
            store.value,
            DependencyKind.STORE,
            PartStatus.HEALTHY if store_error is None else PartStatus.UNREACHABLE,
            store_error,
            store_ms,
        ),
    ]


def service_view(name: str, status: PartStatus, reported: IngestionStatus | EnrichmentStatus | Unreachable) -> View:
    """Return the status of a service, as reported by itself."""
    if isinstance(reported, Unreachable):
        nothing = dict.fromkeys(("instance", "started", "uptime_s", "queue_depth"))
        return {"service": name, "status": status, **nothing, "last_error": reported.reason}
    return {
        "service": name,
        "status": status,
        "instance": reported.instance,
        "started": moment_or_none(reported.started),
        "uptime_s": reported.uptime_s,
        "queue_depth": reported.queue_depth,
        "last_error": reported.write_error
        if isinstance(reported, EnrichmentStatus)
        else reported.websocket_connection.last_error,
    }


def enrichment_status(reported: EnrichmentStatus | Unreachable) -> PartStatus:
    """Return healthy while events can be written to the store and rejected ones saved."""
    if isinstance(reported, Unreachable):
        return PartStatus.UNREACHABLE
    return PartStatus.HEALTHY if reported.takes_events else PartStatus.DEGRADED


def _home_assistant(ingestion: IngestionStatus | Unreachable) -> tuple[PartStatus, str | None, None]:
    if isinstance(ingestion, Unreachable):
        return PartStatus.UNREACHABLE, f"unknown, websocket-ingestion is unreachable: {ingestion.reason}", None
    return capture_status(ingestion), ingestion.websocket_connection.last_error, None


def _service(
    reported: IngestionStatus | EnrichmentStatus | Unreachable, response_ms: float
) -> tuple[PartStatus, str | None, float | None]:
    if isinstance(reported, Unreachable):
        return PartStatus.UNREACHABLE, reported.reason, None
    return PartStatus.HEALTHY, None, response_ms


def _dependency(
    name: str, kind: DependencyKind, status: PartStatus, last_error: str | None, response_time_ms: float | None
) -> View:
    return {
        "name": name,
        "kind": kind,
        "status": status,
        "response_time_ms": response_time_ms,
        "required": False,
        "last_error": last_error,
    }
