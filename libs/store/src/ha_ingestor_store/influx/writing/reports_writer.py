"""Writes service_metrics: freely while their hour is open, under a guard where it may be closed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

import structlog
from ha_ingestor_core.clock import Clock
from ha_ingestor_core.errors import StoreRefusedError
from ha_ingestor_core.service_metrics import ServiceMetricsPoint

from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.rollups.claims import Claim, claimed, encode_claim, late_from_ns, read_claims, released
from ha_ingestor_store.influx.rollups.progress import NO_PROGRESS, Progress, decode_progress
from ha_ingestor_store.influx.rollups.rollups import OWNER, Rollups
from ha_ingestor_store.influx.schema import PROGRESS, PROGRESS_TIME_NS, Family
from ha_ingestor_store.influx.writing.batch_writer import BatchWriter, always
from ha_ingestor_store.influx.writing.line_protocol import service_metrics_line, text_line

_log = structlog.get_logger()


class ReportsWriter(Protocol):
    """Writes reports; raises StoreUnavailableError and StoreRefusedError, and a repeat is harmless."""

    async def write(self, points: Sequence[ServiceMetricsPoint]) -> None:
        """Write them all."""
        ...


class KeeperReports:
    """The reports of the process that keeps the rollups."""

    def __init__(self, dialect: Database, writer: BatchWriter, rollups: Rollups) -> None:
        self._dialect = dialect
        self._writer = writer
        self._rollups = rollups

    async def write(self, points: Sequence[ServiceMetricsPoint]) -> None:
        """See ReportsWriter.write."""
        async with self._rollups.writing(Family.SERVICES, (point.time_ns for point in points)):
            await _write_lines(self._dialect, self._writer, points)


class ClaimingReports:
    """The reports of any other process; late ones are claimed first."""

    def __init__(self, dialect: Database, writer: BatchWriter, *, clock: Clock, keep_s: float) -> None:
        self._dialect = dialect
        self._writer = writer
        self._clock = clock
        self._keep_s = keep_s

    async def write(self, points: Sequence[ServiceMetricsPoint]) -> None:
        """See ReportsWriter.write."""
        if not points:
            return
        texts = await self._dialect.progress()
        progress = decode_progress(texts[OWNER]) if OWNER in texts else NO_PROGRESS
        late = [point.time_ns for point in points if point.time_ns < late_from_ns(progress)]
        if late:
            await self._write_late(points, late, progress, read_claims(texts, OWNER))
        else:
            await _write_lines(self._dialect, self._writer, points)

    async def _write_late(
        self,
        points: Sequence[ServiceMetricsPoint],
        late: Sequence[int],
        progress: Progress,
        claims: dict[str, Claim],
    ) -> None:
        owner = f"{points[0].service} {points[0].instance}"
        claim = claimed(claims.get(owner, Claim()), progress, owner, late, self._clock.now_ns())
        await self._save(owner, claim)
        await asyncio.sleep(self._keep_s)
        await _write_lines(self._dialect, self._writer, points)
        await self._save(owner, released(claim))

    async def _save(self, owner: str, claim: Claim) -> None:
        line = text_line(PROGRESS, encode_claim(claim), PROGRESS_TIME_NS, {"owner": owner})
        refused = await self._writer.write(self._dialect.write_target(rollups=True), [line])
        if refused:  # unguarded, the reports would be missing in hours that readers trust
            raise StoreRefusedError(f"the claim of late reports was refused: {refused[0].message}")


async def _write_lines(dialect: Database, writer: BatchWriter, points: Sequence[ServiceMetricsPoint]) -> None:
    lines = [line for line in map(service_metrics_line, points) if line is not None]
    refused = await writer.write(dialect.write_target(rollups=False), lines, may_repeat=always)
    if refused:  # they will never be taken: to keep them would hold back all that come after
        _log.error("service_metrics_refused", reports=len(refused), reason=refused[0].message)
