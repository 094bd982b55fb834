"""The status of the other services, queried concurrently with a timeout of two seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

import msgspec
import structlog
from ha_ingestor_core.calls.service_reports import RemoteReports, RemoteStatus
from ha_ingestor_core.delivery import ConnectionState, ServiceStatus
from ha_ingestor_core.errors import IngestorError
from ha_ingestor_core.gaps import GapReason
from ha_ingestor_core.http.client import InternalClient
from ha_ingestor_core.logging.log_ring import LogLine
from ha_ingestor_core.redaction import without_secrets
from ha_ingestor_core.reporting.report_memory import ServiceReports
from ha_ingestor_core.reporting.transfer_rate import Transfers
from msgspec import Struct

TIMEOUT_S = 2.0

_log = structlog.get_logger()

S = TypeVar("S", bound=Struct)


class Deployment(StrEnum):
    """Whether the services run in the process of the Admin API, or in separate processes."""

    ALL_IN_ONE = "all-in-one"
    SEPARATE = "separate"


class Connection(Struct, frozen=True):
    """websocket-ingestion's connection to Home Assistant."""

    state: ConnectionState = ConnectionState.UNKNOWN
    is_connected: bool = False
    last_connection_time: datetime | None = None
    connection_attempts: int | None = None
    last_error: str | None = None
    subscription: str | None = None
    ha_version: str | None = None
    event_types: list[str] | None = None
    """The event types that the token may receive; None for all."""
    token_variable: str = "HA_TOKEN"  # noqa: S105


class Flow(Struct, frozen=True):
    """The flow of events through websocket-ingestion."""

    events_per_minute: float | None = None
    """Events received and saved to disk, over the last five minutes."""
    last_event_time: datetime | None = None
    processing_lag_s: float | None = None


class Spool(Struct, frozen=True):
    """The spool of websocket-ingestion; while `pause_reason` is set, nothing is read from Home Assistant."""

    pause_reason: str | None = None


class ServiceStatusPart(Struct, frozen=True, kw_only=True):
    """The members of the status of any service that the Admin API reads."""

    instance: str | None = None
    started: datetime | None = None
    uptime_s: float | None = None
    queue_depth: int | None = None
    damaged_files: list[str] = []
    version: str | None = None
    logs: list[LogLine] = []
    transfers: dict[str, Transfers] = {}
    """Rates and latencies of what the service sends, by receiver."""
    is_running: bool = True
    """False if a part of the service has ended with an unexpected error."""


class SignsOfLife(Struct, frozen=True):
    """Whether Home Assistant provides `last_reported`; `refusal` is the reason if not."""

    refusal: str | None = None


class GapFilling(Struct, frozen=True, kw_only=True):
    """The gap that websocket-ingestion fills, and its progress."""

    start: datetime
    end: datetime
    reason: GapReason
    done_percent: float
    entities: int = 0
    entities_done: int = 0
    read_until: datetime | None = None
    recovered: int = 0
    known: int = 0
    last_error: str | None = None


class Gaps(Struct, frozen=True):
    """The open gaps of a home."""

    filling: GapFilling | None = None


class HomeStatus(Struct, frozen=True):
    """A home captured by websocket-ingestion."""

    home: str
    websocket_connection: Connection = Connection()
    spool: Spool = Spool()
    clock_offset_s: float | None = None
    signs_of_life: SignsOfLife = SignsOfLife()
    event_processing: Flow = Flow()
    gaps: Gaps = Gaps()

    @property
    def received_per_minute(self) -> float | None:
        """Events received per minute, over the last five minutes."""
        return _received(self.websocket_connection, self.event_processing)


class IngestionStatus(ServiceStatusPart, frozen=True, kw_only=True):
    """The status of websocket-ingestion; with several homes, top-level members are of the first that is not healthy."""

    home: str | None = None
    queue_depth: int | None = None
    homes: list[HomeStatus] = []
    counters: dict[str, int] = {}
    websocket_connection: Connection = Connection()
    event_processing: Flow = Flow()
    spool: Spool = Spool()
    clock_offset_s: float | None = None

    @property
    def received_per_minute(self) -> float | None:
        """Events received per minute from all homes, over the last five minutes; None if one is unknown."""
        rates = [each.received_per_minute for each in self.homes]
        rates = rates or [_received(self.websocket_connection, self.event_processing)]
        known = [rate for rate in rates if rate is not None]
        return sum(known) if len(known) == len(rates) else None


class Storage(Struct, frozen=True):
    """The connection of the enrichment-pipeline to the store."""

    is_connected: bool = False
    written_per_minute: float | None = None
    """Events written over the last five minutes, regardless of their own time."""
    last_write_time: datetime | None = None
    write_errors: int | None = None
    last_error: str | None = None
    failing_s: float | None = None


class RejectedFile(Struct, frozen=True):
    """Size and errors of the file of rejected events."""

    bytes: int | None = None
    limit_bytes: int | None = None
    last_error: str | None = None
    failing_s: float | None = None


class Weather(Struct, frozen=True):
    """The weather enrichment."""

    enabled: bool = False
    cache_hits: int | None = None
    api_calls: int | None = None
    last_error: str | None = None


class EnrichmentStatus(ServiceStatusPart, frozen=True, kw_only=True):
    """The status of the enrichment-pipeline."""

    storage: Storage = Storage()
    rejected_file: RejectedFile = RejectedFile()
    weather_enrichment: Weather = Weather()

    @property
    def takes_events(self) -> bool:
        """Whether events can be written and rejected ones saved; otherwise events wait in the spool."""
        return self.storage.is_connected and self.rejected_file.last_error is None

    @property
    def write_error(self) -> str | None:
        """The reason why events wait in the spool."""
        return self.storage.last_error or self.rejected_file.last_error


class Unreachable(Struct, frozen=True):
    """A service did not answer, or its answer cannot be read."""

    reason: str


class Service(ServiceStatus, ServiceReports, Protocol):
    """Another service: its status and its reports."""


class StatusSources:
    """The services that provide the health status, and the reports for statistics while the store is unavailable."""

    def __init__(self, ingestion: Service, enrichment: Service, clients: Sequence[InternalClient] = ()) -> None:
        self._ingestion = ingestion
        self._enrichment = enrichment
        self._clients = clients

    @property
    def reports(self) -> dict[str, ServiceReports]:
        """The services that provide reports, by name."""
        return {"websocket-ingestion": self._ingestion, "enrichment-pipeline": self._enrichment}

    @property
    def deployment(self) -> Deployment:
        """Whether the services run in this process or in separate ones."""
        return Deployment.SEPARATE if self._clients else Deployment.ALL_IN_ONE

    async def ask(self) -> tuple[IngestionStatus | Unreachable, EnrichmentStatus | Unreachable]:
        """Return the status of both services; never raises."""
        return await asyncio.gather(_ask(self._ingestion, IngestionStatus), _ask(self._enrichment, EnrichmentStatus))

    async def close(self) -> None:
        """Close the connections."""
        for client in self._clients:
            await client.close()


def remote_sources(websocket_ingestion_url: str, enrichment_pipeline_url: str, token: str | None) -> StatusSources:
    """Return the sources for services in separate processes."""
    clients = [
        InternalClient(url, token, timeout_s=TIMEOUT_S) for url in (websocket_ingestion_url, enrichment_pipeline_url)
    ]
    return StatusSources(RemoteService(clients[0]), RemoteService(clients[1]), clients)


class RemoteService(RemoteStatus, RemoteReports):
    """`Service` in another process."""


def _received(connection: Connection, flow: Flow) -> float | None:
    """Return the rate of a home, 0 while it is not connected; None if unknown."""
    return flow.events_per_minute if flow.events_per_minute is None or connection.is_connected else 0.0


async def _ask(source: ServiceStatus, type_: type[S]) -> S | Unreachable:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            status = await source.status()
        # encoded as JSON also within a process, so that both deployments behave the same
        return msgspec.json.decode(msgspec.json.encode(status), type=type_)
    except TimeoutError:
        return Unreachable(f"no answer within {TIMEOUT_S:g} s")
    except IngestorError as err:
        return Unreachable(err.message)
    except Exception as err:  # an error of one service must not affect the health of the others
        _log.warning("service_status_unreadable", expected=type_.__name__, error=repr(err))
        return Unreachable(without_secrets(f"the answer cannot be read: {err}"))
