"""Fills the open gaps of one home over a connection, oldest first, and writes each of them to the store."""

from __future__ import annotations

import asyncio

import msgspec
import structlog
from ha_ingestor_core.cancelled import end_if_cancelled
from ha_ingestor_core.clock import Clock
from ha_ingestor_core.errors import IngestorError, TransientError
from ha_ingestor_core.gaps import GapReason, GapSink, GapStatus

from websocket_ingestion.errors import CommandRefusedError
from websocket_ingestion.gaps import unrecoverable
from websocket_ingestion.gaps.backfill import RequestedBackfill
from websocket_ingestion.gaps.filling_plan import FillingLimits, summary
from websocket_ingestion.gaps.gap_filler import GapFiller, HistoryUnreadableError
from websocket_ingestion.gaps.journal import OpenGap
from websocket_ingestion.gaps.open_gaps import OpenGaps
from websocket_ingestion.gaps.outcomes import Outcomes
from websocket_ingestion.metrics import IngestionMetrics
from websocket_ingestion.spool.intake import Intake
from websocket_ingestion.states.home_state import HomeState

_log = structlog.get_logger()

_MAX_FAILURES = 10
"""Unusable answers in a row after which a gap is closed as partial, so that the next one can be filled."""


class _MoreUrgentError(TransientError):
    """A gap was found while the days before the first start were being filled."""

    key = "more_urgent"


class FillingLoop:
    """Runs once per connection; `closed` and `last_error` last through all of them."""

    def __init__(
        self,
        *,
        gaps: OpenGaps,
        requested: RequestedBackfill,
        intake: Intake,
        outcomes: Outcomes,
        sink: GapSink,
        clock: Clock,
        metrics: IngestionMetrics,
        limits: FillingLimits,
    ) -> None:
        self.closed = 0
        self.last_error: str | None = None
        self._gaps = gaps
        self._requested = requested
        self._intake = intake
        self._outcomes = outcomes
        self._sink = sink
        self._clock = clock
        self._metrics = metrics
        self._limits = limits

    async def run(self, now: HomeState) -> None:
        """Fill whatever gap is open, and those to come; raises nothing but its cancellation."""
        failures = 0
        while True:
            end_if_cancelled()
            open_gap = await self._gaps.wait_for_next()
            try:
                if open_gap.gap.closed_ns is None:
                    await self._write_as_open(open_gap)
                    await self._close(open_gap, await self._fill(open_gap, now))
                await self._sink.write_gaps([open_gap.gap])
                await self._remove(open_gap)
                failures, self.last_error = 0, None
            except _MoreUrgentError:
                continue
            except Exception as err:
                failures += 1
                await self._retry_later(open_gap, err, failures)

    async def _write_as_open(self, open_gap: OpenGap) -> None:
        if open_gap.gap.reason is GapReason.FIRST_START:  # nothing is missing, so it must not raise an alert
            return
        try:
            await self._sink.write_gaps([open_gap.gap])
        except IngestorError as err:  # once it is closed, it is written until that succeeds
            _log.debug("open_gap_not_written", error=err.message)

    async def _fill(self, open_gap: OpenGap, now: HomeState) -> list[str]:
        if not self._limits.enabled and open_gap is not self._requested.running:
            return [unrecoverable.NOT_REQUESTED]
        known = self._gaps.entries
        filler = GapFiller(
            home=now,
            known=known,
            intake=self._intake,
            outcomes=self._outcomes,
            clock=self._clock,
            limits=self._limits,
        )
        entities = open_gap.only or now.updated.keys() | now.registered | known.entities

        async def save() -> None:
            self.last_error = None
            await self._gaps.save()
            if self._gaps.next is not open_gap:
                raise _MoreUrgentError("a gap is filled first")

        return await filler.fill(open_gap, entities, save)

    async def _close(self, open_gap: OpenGap, lost: list[str]) -> None:
        open_gap.gap = gap = msgspec.structs.replace(
            open_gap.gap,
            status=GapStatus.PARTIAL if lost else GapStatus.CLOSED,
            lost=_all_lost(open_gap, lost),
            closed_ns=self._clock.now_ns(),
        )
        await self._gaps.save()
        self.closed += 1
        self._metrics.gaps_closed[gap.status].inc()
        self._metrics.gap_changes["recovered"].inc(gap.recovered)
        self._metrics.gap_changes["known"].inc(gap.known)
        _log.info(
            "gap_closed",
            summary=summary(gap),
            reason=gap.reason.value,
            status=gap.status.value,
            recovered=gap.recovered,
            known=gap.known,
            lost=lost or None,
        )

    async def _remove(self, open_gap: OpenGap) -> None:
        self._gaps.all.remove(open_gap)
        self._requested.closed(open_gap)
        await self._gaps.save()

    async def _retry_later(self, open_gap: OpenGap, err: Exception, failures: int) -> None:
        """Wait; a gap for which Home Assistant never gives a usable answer must not block those behind it."""
        if not isinstance(err, IngestorError):
            _log.exception("gap_filling_failed_unexpectedly")
        log = _log.warning if failures == 1 else _log.debug
        log("gap_filling_delayed", error=str(err), retry_in_s=self._limits.retry_s)
        self.last_error = str(err)
        await asyncio.sleep(self._limits.retry_s)
        if failures >= _MAX_FAILURES and isinstance(err, CommandRefusedError | HistoryUnreadableError):
            await self._close(open_gap, [unrecoverable.given_up(str(err))])


def _all_lost(open_gap: OpenGap, lost: list[str]) -> list[str]:
    """Add what is true of every gap of its kind, and no reason to call one partial."""
    if open_gap.gap.reason in (GapReason.NOT_SENT, GapReason.FIRST_START):
        return lost
    started = [] if open_gap.home_started_ns is None else [unrecoverable.home_started(open_gap.home_started_ns)]
    return [unrecoverable.OTHER_EVENTS, *lost, *started]
