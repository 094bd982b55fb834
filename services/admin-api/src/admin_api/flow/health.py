"""The health of the whole, put together from what the services and the store say."""

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
    """What the store says: events per minute over the last minutes, None where it can't tell, and then why."""

    events_per_minute: float | None = None
    error: str | None = None
    error_key: str | None = None

    @property
    def reason(self) -> str | None:
        """Why the rate is not known; None where it is."""
        return None if self.events_per_minute is not None else self.error or "Nothing has been captured yet"


def health_view(
    now_ns: int,
    ingestion: IngestionStatus | Unreachable,
    enrichment: EnrichmentStatus | Unreachable,
    store: StoreHealth,
    damaged_files: Iterable[str] = (),
    deployment: Deployment = Deployment.ALL_IN_ONE,
) -> View:
    """The answer of `/health`."""
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
    """Healthy while it reads from every home; unhealthy where no home is read and a retry can't help."""
    if isinstance(ingestion, Unreachable):
        return PartStatus.UNREACHABLE
    if not ingestion.is_running:
        return PartStatus.UNHEALTHY
    homes = {home_status(each) for each in ingestion.homes} or {home_status(ingestion)}
    return homes.pop() if len(homes) == 1 else PartStatus.DEGRADED


def home_status(home: HomeStatus | IngestionStatus) -> PartStatus:
    """Healthy while everything of a home is read; unhealthy where no retry can help."""
    if home.spool.pause_reason:
        return PartStatus.DEGRADED
    if home.websocket_connection.is_connected:
        return PartStatus.HEALTHY if home.websocket_connection.event_types is None else PartStatus.DEGRADED
    return PartStatus.UNHEALTHY if home.websocket_connection.state.needs_a_person else PartStatus.DEGRADED


def storage_status(enrichment: EnrichmentStatus | Unreachable, store: StoreHealth) -> PartStatus:
    """Healthy while the store is written and read, and rejected events can be kept: else all wait in the spool."""
    if store.error is not None:
        return PartStatus.UNHEALTHY
    if isinstance(enrichment, Unreachable):
        return PartStatus.UNREACHABLE
    if not enrichment.is_running:
        return PartStatus.UNHEALTHY
    return PartStatus.HEALTHY if enrichment.takes_events else PartStatus.DEGRADED


def overall_status(*parts: PartStatus) -> OverallStatus:
    """Healthy when every part is; degraded when what is wrong is being retried."""
    if all(part is PartStatus.HEALTHY for part in parts):
        return OverallStatus.HEALTHY
    if PartStatus.UNHEALTHY in parts or PartStatus.UNREACHABLE in parts:
        return OverallStatus.UNHEALTHY
    return OverallStatus.DEGRADED


def _flow(ingestion: IngestionStatus | Unreachable, enrichment: EnrichmentStatus | Unreachable) -> View:
    """Return what comes in, what reaches the store, and what waits between the two, each as its own service counts."""
    captured = None if isinstance(ingestion, Unreachable) else ingestion
    return {
        "received_per_minute": captured and captured.received_per_minute,
        "stored_per_minute": None if isinstance(enrichment, Unreachable) else _stored(enrichment),
        "waiting_events": captured and captured.queue_depth,
    }


def _stored(enrichment: EnrichmentStatus) -> float | None:
    """Return what is stored a minute; the mean of minutes in which the store took events is over once it does not."""
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
            error = f"reading is paused: {ingestion.spool.pause_reason}"
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
