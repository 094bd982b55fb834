"""The health of all parts, from the status of the services and the store."""

from __future__ import annotations

from collections.abc import Iterable

from ha_ingestor_core.clock import ns_to_rfc3339
from msgspec import Struct

from admin_api.flow.status import OverallStatus, PartStatus
from admin_api.http.views import View, moment_or_none
from admin_api.peers.status import (
    Connection,
    Deployment,
    EnrichmentStatus,
    Flow,
    HomeStatus,
    IngestionStatus,
    ServiceStatusPart,
    Storage,
    Unreachable,
    Weather,
)


class StoreHealth(Struct, frozen=True):
    """The health of the store: the rate of events over the last minutes, or the error."""

    events_per_minute: float | None = None
    error: str | None = None
    error_key: str | None = None

    @property
    def reason(self) -> str | None:
        """The reason why the rate is unknown; None if it is known."""
        return None if self.events_per_minute is not None else self.error or "Nothing has been captured yet"


def health_view(
    now_ns: int,
    ingestion: IngestionStatus | Unreachable,
    enrichment: EnrichmentStatus | Unreachable,
    store: StoreHealth,
    damaged_files: Iterable[str] = (),
    deployment: Deployment = Deployment.ALL_IN_ONE,
) -> View:
    """Return the answer of `/health`."""
    now = ns_to_rfc3339(now_ns)
    capture = capture_status(ingestion)
    storing = storage_status(enrichment, store)
    return {
        "overall_status": overall_status(capture, storing),
        "events_per_minute": store.events_per_minute,
        **_flow(ingestion, enrichment),
        "deployment": deployment,
        "admin_api_status": PartStatus.HEALTHY if store.error is None else PartStatus.DEGRADED,
        "ingestion_service": {
            "status": capture,
            "websocket_connection": _connection(ingestion),
            "event_processing": _processing(ingestion, capture, store),
            "weather_enrichment": _weather(enrichment),
            "influxdb_storage": _storage(enrichment, store),
            "timestamp": now,
        },
        "home": None if isinstance(ingestion, Unreachable) else ingestion.home,
        "homes": [] if isinstance(ingestion, Unreachable) else [_home(each) for each in ingestion.homes],
        "damaged_files": sorted({*damaged_files, *_damaged_files(ingestion), *_damaged_files(enrichment)}),
        "timestamp": now,
    }


def capture_status(ingestion: IngestionStatus | Unreachable) -> PartStatus:
    """Return healthy while all homes are captured, unhealthy if none is and retries cannot help."""
    if isinstance(ingestion, Unreachable):
        return PartStatus.UNREACHABLE
    if not ingestion.is_running:
        return PartStatus.UNHEALTHY
    homes = {home_status(each) for each in ingestion.homes} or {home_status(ingestion)}
    return homes.pop() if len(homes) == 1 else PartStatus.DEGRADED


def home_status(home: HomeStatus | IngestionStatus) -> PartStatus:
    """Return healthy while all events of a home are captured, unhealthy if retries cannot help."""
    if home.spool.pause_reason:
        return PartStatus.DEGRADED
    if home.websocket_connection.is_connected:
        return PartStatus.HEALTHY if home.websocket_connection.event_types is None else PartStatus.DEGRADED
    return PartStatus.UNHEALTHY if home.websocket_connection.state.needs_a_person else PartStatus.DEGRADED


def storage_status(enrichment: EnrichmentStatus | Unreachable, store: StoreHealth) -> PartStatus:
    """Return healthy while the store can be read and written and rejected events saved; otherwise events are queued."""
    if store.error is not None:
        return PartStatus.UNHEALTHY
    if isinstance(enrichment, Unreachable):
        return PartStatus.UNREACHABLE
    if not enrichment.is_running:
        return PartStatus.UNHEALTHY
    return PartStatus.HEALTHY if enrichment.takes_events else PartStatus.DEGRADED


def overall_status(*parts: PartStatus) -> OverallStatus:
    """Return healthy if all parts are, degraded if all problems are being retried, otherwise unhealthy."""
    if all(part is PartStatus.HEALTHY for part in parts):
        return OverallStatus.HEALTHY
    if PartStatus.UNHEALTHY in parts or PartStatus.UNREACHABLE in parts:
        return OverallStatus.UNHEALTHY
    return OverallStatus.DEGRADED


def _flow(ingestion: IngestionStatus | Unreachable, enrichment: EnrichmentStatus | Unreachable) -> View:
    """Return the rates of received and stored events and the number of queued ones, as counted by the services."""
    captured = None if isinstance(ingestion, Unreachable) else ingestion
    return {
        "received_per_minute": captured and captured.received_per_minute,
        "stored_per_minute": None if isinstance(enrichment, Unreachable) else _stored(enrichment),
        "waiting_events": captured and captured.queue_depth,
    }


def _stored(enrichment: EnrichmentStatus) -> float | None:
    """Return the events stored per minute, 0 while events cannot be written; None if unknown."""
    known = enrichment.storage.written_per_minute
    return known if known is None or enrichment.takes_events else 0.0


def _damaged_files(service: ServiceStatusPart | Unreachable) -> list[str]:
    return [] if isinstance(service, Unreachable) else service.damaged_files


def _home(home: HomeStatus) -> View:
    connection = home.websocket_connection
    return {
        "home": home.home,
        "status": home_status(home),
        "state": connection.state,
        "last_error": connection.last_error,
        "event_types": connection.event_types,
        "token_variable": connection.token_variable,
        "clock_offset_s": home.clock_offset_s,
        "signs_of_life_refusal": home.signs_of_life.refusal,
    }


def _connection(ingestion: IngestionStatus | Unreachable) -> View:
    if isinstance(ingestion, Unreachable):
        connection = Connection(last_error=_unreachable("websocket-ingestion", ingestion))
    else:
        connection = ingestion.websocket_connection
    return {
        "is_connected": connection.is_connected,
        "last_connection_time": moment_or_none(connection.last_connection_time),
        "connection_attempts": connection.connection_attempts,
        "last_error": connection.last_error,
        "state": connection.state,
        "event_types": connection.event_types,
        "token_variable": connection.token_variable,
        "clock_offset_s": None if isinstance(ingestion, Unreachable) else ingestion.clock_offset_s,
    }


def _processing(ingestion: IngestionStatus | Unreachable, capture: PartStatus, store: StoreHealth) -> View:
    if isinstance(ingestion, Unreachable):
        flow, received, error = Flow(), None, _unreachable("websocket-ingestion", ingestion)
    else:
        flow, received, error = ingestion.event_processing, ingestion.counters.get("events_received"), None
        if ingestion.spool.pause_reason:
            error = f"capture is paused: {ingestion.spool.pause_reason}"
    return {
        "status": capture,
        "events_per_minute": store.events_per_minute or 0.0,
        "reason": store.reason,
        "last_event_time": moment_or_none(flow.last_event_time),
        "processing_lag": flow.processing_lag_s,
        "total_events_received": received,
        "last_error": store.error or error,
    }


def _weather(enrichment: EnrichmentStatus | Unreachable) -> View:
    if isinstance(enrichment, Unreachable):
        weather = Weather(last_error=_unreachable("enrichment-pipeline", enrichment))
    else:
        weather = enrichment.weather_enrichment
    return {
        "enabled": weather.enabled,
        "cache_hits": weather.cache_hits,
        "api_calls": weather.api_calls,
        "last_error": weather.last_error,
    }


def _storage(enrichment: EnrichmentStatus | Unreachable, store: StoreHealth) -> View:
    error: str | None
    if isinstance(enrichment, Unreachable):
        storage, error = Storage(), _unreachable("enrichment-pipeline", enrichment)
    else:
        storage, error = enrichment.storage, enrichment.write_error
    return {
        "is_connected": storage.is_connected and store.error is None,
        "last_write_time": moment_or_none(storage.last_write_time),
        "write_errors": storage.write_errors,
        "last_error": store.error or error,
        "error_key": store.error_key,
    }


def _unreachable(service: str, unreachable: Unreachable) -> str:
    return f"{service} is unreachable: {unreachable.reason}"
