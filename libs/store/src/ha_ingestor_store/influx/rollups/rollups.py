"""Keeps the rollups of one term: counts touched windows anew from the raw points, and closes them.

A window is counted by the server and written (a repeat overwrites itself) before it is closed in the store, and it is
closed only if nothing touched it since its count began. What was sent and not answered may still arrive, for
IN_DOUBT_S: points and sums keep their windows open so long. The holder of the lease alone runs this (lease.py).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from functools import partial

import msgspec
from ha_ingestor_core.clock import NS_PER_S, Clock

from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.reading.oldest import first_in, newest_ns
from ha_ingestor_store.influx.rollups.kept_progress import KeptProgress
from ha_ingestor_store.influx.rollups.lease import Term
from ha_ingestor_store.influx.rollups.ledger import Ledger
from ha_ingestor_store.influx.rollups.progress import Progress, Range, aligned, families, joined, touched, without
from ha_ingestor_store.influx.rollups.recount import Recount
from ha_ingestor_store.influx.schema import EVENTS, GRAINS, MIN_TIME_NS, SERVICE_METRICS, Family
from ha_ingestor_store.influx.writing.batch_writer import BatchWriter
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS

LAG_NS = 10 * NS_PER_S
"""How long after its end a window is closed: most events are stored within a second."""
REPORT_WAIT_S = 60.0
"""How long after its end an hour of services is closed: a report that is later counts its hour itself."""

_WINDOWS_PER_QUERY = {MINUTE_NS: 360, HOUR_NS: 24, DAY_NS: 60}
_BRIDGED_WINDOWS = 12
_AHEAD_NS = MINUTE_NS
"""By how much the times of what a predecessor sent may be ahead of our clock."""


class Rollups:
    """The keeper of a store's rollups during one term.

    `kept_from_ns` returns the time before which raw points have expired, None if none have, or that is not known.
    """

    def __init__(
        self,
        database: Database,
        writer: BatchWriter,
        term: Term,
        *,
        clock: Clock,
        keep_s: float,
        kept_from_ns: Callable[[], Awaitable[int | None]],
        report_wait_s: float = REPORT_WAIT_S,
    ) -> None:
        self._database = database
        self._recount = Recount(database, writer)
        self._clock = clock
        self._kept_from_ns = kept_from_ns
        self._report_wait_ns = round(report_wait_s * NS_PER_S)
        self._kept = KeptProgress(database, writer, term, clock=clock, keep_s=keep_s)
        self._rolling = asyncio.Lock()
        self._newest_ns: int | None = None
        self._points = Ledger(clock)
        self._sums = {key: Ledger(clock) for key in families()}
        if term.found is not None and not term.found.is_clean:
            self._doubt(term.found.progress)

    @contextlib.asynccontextmanager
    async def writing(self, times_ns: Sequence[int]) -> AsyncIterator[None]:
        """Hold the windows of events that are written inside; those behind the watermark are opened first."""
        ranges = touched(times_ns, GRAINS[Family.EVENTS][0])
        with self._points.writing(ranges):
            await self._kept.open(Family.EVENTS, ranges)
            yield
        self._newest_ns = max(self._newest_ns or MIN_TIME_NS, *times_ns)

    async def expect(self, points: Range) -> None:
        """Open the windows of a range in which events and reports will be written."""
        for family in Family:
            await self._kept.open(family, [points])

    async def note_captured(self, time_ns: int) -> None:
        """Keep the time of an event that was witnessed or recovered, if it is the oldest."""
        progress = await self._kept.load()
        if progress.captured_from_ns is None or time_ns < progress.captured_from_ns:
            self._kept.now = msgspec.structs.replace(progress, captured_from_ns=time_ns)
            await self._kept.save()

    async def renew(self) -> None:
        """Extend the term if it is time."""
        await self._kept.renew()

    async def release(self) -> None:
        """End the term, and say so."""
        await self._kept.release(is_clean=not any(each.is_busy for each in (self._points, *self._sums.values())))

    async def roll_up(self) -> None:
        """Recount and close all windows that are due; one call at a time, or a slow one would write its sums last."""
        async with self._rolling:
            await self._kept.load()
            self._kept.turn_back(self._clock.now_ns())
            now_ns = self._clock.now_ns() - LAG_NS
            newest_ns = await self._newest()
            expired_ns = await self._kept_from_ns()
            for family, grain in families():
                due_ns = min(now_ns, newest_ns) if family is Family.EVENTS else now_ns - self._report_wait_ns
                await self._roll(family, grain, due_ns // grain * grain, expired_ns)
            await self._kept.save()

    async def _newest(self) -> int:
        """Return the time of the newest event that was received: the watermark does not follow the clock."""
        if self._newest_ns is None:
            found_ns = await newest_ns(self._database.heads, self._clock.now_ns())
            self._newest_ns = max(self._newest_ns or MIN_TIME_NS, MIN_TIME_NS if found_ns is None else found_ns)
        return self._newest_ns

    def _doubt(self, found: Progress) -> None:
        """What a predecessor sent may still arrive: into what it had not closed, and nowhere else."""
        for family, grain in families():
            windows = found.of(family).get(grain)
            if windows is None:
                continue
            until_ns = max(self._clock.now_ns(), windows.until_ns) + _AHEAD_NS
            unclosed = list(joined([*windows.open, (windows.until_ns, until_ns)]))
            self._sums[family, grain].doubt(unclosed)
            if (family, grain) == (Family.EVENTS, GRAINS[Family.EVENTS][0]):
                self._points.doubt(unclosed)

    async def _roll(self, family: Family, grain: int, until_ns: int, expired_ns: int | None) -> None:
        """Close what is due; windows that raw points have begun to leave are closed as they are."""
        windows = self._kept.now.of(family)[grain]
        with self._points.watch() as watch:
            expiring = [] if expired_ns is None else [(MIN_TIME_NS, -(-expired_ns // grain) * grain)]
            fresh = [(windows.until_ns, until_ns)] if until_ns > windows.until_ns else []
            due = [*windows.open, *fresh]
            blocked = self._blocked(family, grain)
            todo = without(joined(due), joined([*expiring, *blocked]))
            for start_ns, end_ns in _bridged(todo, grain):
                await self._recount_range(family, grain, start_ns, end_ns)
            touched = watch.ranges() if family is Family.EVENTS else []
            dirty = [*aligned(touched, grain), *blocked, *self._blocked(family, grain)]
            # The windows may have changed while we waited; this and what follows runs without a wait.
            windows = self._kept.now.of(family)[grain]
            closed = without(joined([*todo, *without(windows.open, without(windows.open, expiring))]), joined(dirty))
            after = windows.closed(closed)
            if fresh:
                after = after.advanced(until_ns, dirty)
            if after != windows:
                self._kept.now = self._kept.now.changed(family, {grain: after})

    def _blocked(self, family: Family, grain: int) -> list[Range]:
        """Windows that can't be closed: those whose sums are in doubt; and days are made of hours that are closed."""
        blocked = self._sums[family, grain].doubtful()
        if grain == DAY_NS:
            hours = self._kept.now.of(family)[HOUR_NS]
            blocked += [*hours.open, (hours.until_ns, max(hours.until_ns, self._clock.now_ns()) + DAY_NS)]
        return aligned(blocked, grain)

    async def _recount_range(self, family: Family, grain: int, start_ns: int, end_ns: int) -> None:
        """Recount a range in pieces, one query each; behind an empty one go on at the next point."""
        step = _WINDOWS_PER_QUERY[grain] * grain
        while start_ns < end_ns:
            stop_ns = min(start_ns + step, end_ns)
            try:
                found = await self._recount.windows(family, grain, start_ns, stop_ns)
            except BaseException:
                self._sums[family, grain].doubt([(start_ns, stop_ns)])  # they may arrive later, over newer ones
                raise
            start_ns = stop_ns
            if not found and end_ns - stop_ns > step:
                measurement = EVENTS if family is Family.EVENTS else SERVICE_METRICS
                next_ns = await first_in(partial(self._database.first_ns, measurement), stop_ns, end_ns)
                start_ns = end_ns if next_ns is None else max(stop_ns, next_ns // grain * grain)


def _bridged(ranges: Iterable[Range], grain: int) -> list[Range]:
    """The ranges, near ones together: recounting what lies between is harmless."""
    bridged: list[Range] = []
    for start, end in ranges:
        if bridged and start - bridged[-1][1] <= _BRIDGED_WINDOWS * grain:
            bridged[-1] = (bridged[-1][0], end)
        else:
            bridged.append((start, end))
    return bridged
