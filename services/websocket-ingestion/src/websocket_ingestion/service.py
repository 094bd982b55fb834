"""websocket-ingestion over all its homes: starts and stops them together, and adds up their numbers."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec
from ha_ingestor_core.calls.backfill import BackfillProgress, BackfillRunningError
from ha_ingestor_core.clock import Clock, ns_to_rfc3339
from ha_ingestor_core.files.durable_file import damaged_files
from ha_ingestor_core.reporting.report_memory import Reports, joined_reports
from ha_ingestor_core.reporting.service_info import service_info
from ha_ingestor_core.reporting.transfer_rate import TransferRate, transfers

from websocket_ingestion.health import Health, worst_of

SERVICE = "websocket-ingestion"

FORMAT = 1
"""The number of the format of its files in DATA_DIR; incremented as ha_ingestor_core.files.data_format describes."""
DELIVERED_EVERY_S = 0.5
DELIVERED_WITHIN_S = 1.0


class CapturedHome(Protocol):
    """One home, from the socket to the delivery; homes do not affect each other."""

    @property
    def name(self) -> str:
        """The name of the home in the store."""
        ...

    async def start(self) -> None:
        """Begin to capture; raises SpoolUnusableError where events cannot be saved."""
        ...

    async def stop(self) -> None:
        """Stop reading, and deliver what is queued, or leave it on disk."""
        ...

    def status(self) -> dict[str, Any]:
        """Return this home's part of /stats."""
        ...

    def transfer_rates(self) -> dict[str, TransferRate]:
        """Return the rates of delivery, by the receiving part."""
        ...

    async def deliver_now(self, within_s: float) -> None:
        """Return once all captured events are stored, or the time is over; at once while the delivery fails."""
        ...

    def health(self) -> dict[str, Any]:
        """Return this home's part of /health."""
        ...

    async def reports(self, start_ns: int) -> Reports:
        """Return the reports from `start_ns` on that the service has in memory."""
        ...

    async def begin_backfill(self, start_ns: int, end_ns: int) -> BackfillProgress:
        """Begin to fill [start, end); raises InvalidInputError and BackfillRunningError."""
        ...

    async def backfill_progress(self) -> BackfillProgress | None:
        """The backfill that runs, or the last one since the start; None when there was none."""
        ...


class WebsocketIngestion:
    """The service: its status, reports and backfill."""

    def __init__(self, homes: Sequence[CapturedHome], *, instance: str, clock: Clock, data_dir: Path) -> None:
        self._homes = homes
        self._instance = instance
        self._clock = clock
        self._data_dir = data_dir
        self._started_ns: int | None = None
        self._started_at = 0.0
        self._delivered_at = -math.inf
        self._delivering: asyncio.Future[Any] | None = None

    async def start(self) -> None:
        """Begin to capture; an unreachable Home Assistant is no error.

        Raises SpoolUnusableError where the events of a home cannot be saved.
        """
        self._started_ns, self._started_at = self._clock.now_ns(), self._clock.monotonic()
        for home in self._homes:
            await home.start()

    async def stop(self) -> None:
        """Stop all homes concurrently; raises the first error after all have stopped."""
        stopped = await asyncio.gather(*(home.stop() for home in self._homes), return_exceptions=True)
        for error in stopped:
            if error is not None:
                raise error

    async def status(self) -> dict[str, Any]:
        """Return /stats: every home, the sums, and at the top level the first home that is not healthy."""
        statuses = [home.status() for home in self._homes]
        unhealthy = [each for home, each in zip(self._homes, statuses, strict=True) if not _is_healthy(home)]
        return {
            **(unhealthy or statuses)[0],
            "service": SERVICE,
            **service_info(SERVICE),
            "transfers": self._transfers(),
            "instance": self._instance,
            "started": None if self._started_ns is None else ns_to_rfc3339(self._started_ns),
            "uptime_s": None if self._started_ns is None else self._clock.monotonic() - self._started_at,
            **{name: _sums(each[name] for each in statuses) for name in ("counters", "totals")},
            **{name: sum(each[name] for each in statuses) for name in ("queue_depth", "queue_bytes")},
            "homes": statuses,
            "is_running": all(each["is_running"] for each in statuses),
            "damaged_files": await asyncio.to_thread(damaged_files, self._data_dir),
        }

    def _transfers(self) -> dict[str, Any]:
        rates = [home.transfer_rates() for home in self._homes]
        return {to: msgspec.to_builtins(transfers(each[to] for each in rates)) for to in rates[0]}

    async def reports(self, start_ns: int) -> Reports:
        """Return the reports from `start_ns` on that the service has in memory; each home is an instance."""
        return joined_reports([await home.reports(start_ns) for home in self._homes])

    async def begin_backfill(self, start_ns: int, end_ns: int) -> BackfillProgress:
        """Begin to fill [start, end); raises InvalidInputError and BackfillRunningError; it begins in every home."""
        running = await self.backfill_progress()
        if running is not None and running.gap.closed_ns is None:
            raise BackfillRunningError(f"A backfill of {running.gap.home} is already running. Wait until it has ended.")
        return _furthest_behind([await home.begin_backfill(start_ns, end_ns) for home in self._homes])

    async def backfill_progress(self) -> BackfillProgress | None:
        """The backfill that runs, or the last one since the start; of several homes the one that is furthest behind."""
        found = [each for home in self._homes if (each := await home.backfill_progress()) is not None]
        return _furthest_behind(found) if found else None

    async def deliver_now(self) -> None:
        """Return once everything captured half a second ago or earlier is stored, after a second at most.

        To be called before a query of the store: without queries, events wait so that many share a write.
        """
        if self._delivering is None or self._delivering.done():
            now = self._clock.monotonic()
            if now - self._delivered_at < DELIVERED_EVERY_S:
                return
            self._delivered_at = now
            deliveries = [home.deliver_now(DELIVERED_WITHIN_S) for home in self._homes]
            self._delivering = asyncio.gather(*deliveries)
        await asyncio.shield(self._delivering)

    def health(self) -> dict[str, Any]:
        """Return /health; one home that is not healthy degrades the service."""
        return worst_of({home.name: home.health() for home in self._homes})


def _furthest_behind(found: Sequence[BackfillProgress]) -> BackfillProgress:
    return min(found, key=lambda each: (each.gap.closed_ns is not None, each.done_percent))


def _sums(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for part in parts:
        for name, count in part.items():
            sums[name] = sums.get(name, 0) + count
    return sums


def _is_healthy(home: CapturedHome) -> bool:
    return bool(home.health()["status"] == Health.HEALTHY)
