"""Keeps the rollups of one term: counts touched windows anew from the raw points, and closes them.

A window is counted by the server and written (a repeat overwrites itself) before it is closed in the store, and it is
closed only if nothing touched it since its count began. What was sent and not answered may still arrive, for
IN_DOUBT_S: points and sums keep their windows open so long. The holder of the lease alone runs this (lease.py).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from functools import partial

import msgspec
from ha_ingestor_core.clock import NS_PER_S, Clock

from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.influxql.selections import part_of
from ha_ingestor_store.influx.reading.oldest import first_in, newest_ns
from ha_ingestor_store.influx.rollups.kept_progress import KeptProgress
from ha_ingestor_store.influx.rollups.lease import Term
from ha_ingestor_store.influx.rollups.ledger import Ledger
from ha_ingestor_store.influx.rollups.live_counts import LiveCounts
from ha_ingestor_store.influx.rollups.progress import (
    NO_PROGRESS,
    Progress,
    Range,
    aligned,
    families,
    joined,
    touched,
    without,
)
from ha_ingestor_store.influx.rollups.recount import Recount
from ha_ingestor_store.influx.schema import (
    EVENTS,
    MAX_TIME_NS,
    MIN_TIME_NS,
    SECOND_NS,
    SECONDS_KEPT_NS,
    SERVICE_METRICS,
    Family,
)
from ha_ingestor_store.influx.writing.batch_writer import BatchWriter
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS

LAG_NS = 10 * NS_PER_S
"""How long after its end a window is closed: most events are stored within a second."""
_SHORTEST_LAG_NS = NS_PER_S // 2
"""The same of a second, which follows how late events are: those that come later still wait for readers."""
_LAG_DECAY = 0.99
REPORT_WAIT_S = 60.0
"""How long after its end an hour of services is closed: a report that is later counts its hour itself."""

_WINDOWS_PER_QUERY = {SECOND_NS: 3_600, MINUTE_NS: 360, HOUR_NS: 24, DAY_NS: 60}
_BRIDGED_WINDOWS = 12
_MOST_SECONDS = 100
"""Ranges of seconds that one write touches: beyond it minutes are held."""
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
        found = NO_PROGRESS if term.found is None else term.found.progress
        untils = [each.until_ns for family in Family for each in found.of(family).values()]
        self._recount = Recount(database, writer, max(untils, default=MIN_TIME_NS - DAY_NS) + DAY_NS)
        self._clock = clock
        self._kept_from_ns = kept_from_ns
        self._report_wait_ns = round(report_wait_s * NS_PER_S)
        self._kept = KeptProgress(database, writer, term, clock=clock, keep_s=keep_s)
        self._rolling = asyncio.Lock()
        self._newest_ns: int | None = None
        self._lag_ns = NS_PER_S
        self._live = self._new_counts()
        self._is_live_known = False
        self._points = Ledger(clock)
        self._sums = {key: Ledger(clock) for key in families()}
        if term.found is not None and not term.found.is_clean:
            self._doubt(term.found.progress)

    @contextlib.asynccontextmanager
    async def writing(self, times_ns: Sequence[int]) -> AsyncIterator[None]:
        """Hold the windows of events that are written inside; those behind the watermark are opened first."""
        ranges = touched(times_ns, SECOND_NS)
        if len(ranges) > _MOST_SECONDS:
            ranges = touched(times_ns, MINUTE_NS)
        late_ns = self._clock.now_ns() - min(times_ns)
        self._lag_ns = max(self._lag_ns, late_ns if late_ns <= LAG_NS else 0)
        with self._points.writing(ranges):
            self._live.taint(await self._kept.open(Family.EVENTS, ranges))
            try:
                yield
            except BaseException:
                self._live.taint(ranges)
                raise
        self._newest_ns = max(self._newest_ns or MIN_TIME_NS, *times_ns)

    def count(self, points: Iterable[EventPoint]) -> None:
        """Count events that were new and are acknowledged; called while their windows are held."""
        self._live.add(points)

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
            now_ns = self._clock.now_ns()
            if self._kept.turn_back(now_ns) or self._live.from_ns > now_ns + 5 * MINUTE_NS:
                self._live, self._is_live_known = self._new_counts(), False
            newest_ns = await self._newest()
            await self._know_future()
            expired_ns = await self._kept_from_ns()
            for family, grain in families():
                due_ns = self._due(family, grain, newest_ns)
                await self._roll(family, grain, due_ns // grain * grain, expired_ns)
                if grain == SECOND_NS:
                    await self._kept.save()
            await self._kept.save()
            self._live.forget_before(now_ns)

    @property
    def next_in_s(self) -> float:
        """Return in how many seconds the next second is due."""
        return (NS_PER_S - (self._clock.now_ns() - self._lag_ns) % NS_PER_S) / NS_PER_S

    def _due(self, family: Family, grain: int, newest_ns: int) -> int:
        now_ns = self._clock.now_ns()
        if family is Family.SERVICES:
            return now_ns - LAG_NS - self._report_wait_ns
        if grain != SECOND_NS:
            return min(now_ns - LAG_NS, newest_ns)
        self._lag_ns = max(_SHORTEST_LAG_NS, round(self._lag_ns * _LAG_DECAY))
        due_ns = min(now_ns - self._lag_ns, newest_ns)
        # What is under way would be opened behind the watermark, and read raw: rather wait for it.
        under_way_ns = self._points.first_under_way_ns(self._kept.now.events[SECOND_NS].until_ns)
        return due_ns if under_way_ns is None else min(due_ns, under_way_ns)

    def _new_counts(self) -> LiveCounts:
        """What a predecessor has sent is not newer than this, but for events from the future."""
        return LiveCounts(self._clock.now_ns() // MINUTE_NS * MINUTE_NS + 2 * MINUTE_NS)

    async def _know_future(self) -> None:
        """Leave windows to the server that hold events already, though they have not begun."""
        if self._is_live_known:
            return
        from_ns = self._live.from_ns
        newest = max((head.time_ns for head in await self._database.heads(from_ns, MAX_TIME_NS)), default=None)
        if newest is not None:
            first_ns = await self._database.first_ns(EVENTS, from_ns, newest + 1) or from_ns
            window_ns = HOUR_NS if newest - first_ns < 30 * DAY_NS else DAY_NS
            found = await self._database.window_counts([part_of(EVENTS, first_ns, newest + 1)], window_ns)
            self._live.taint(touched((time_ns for time_ns, _ in found), window_ns))
        self._is_live_known = True

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
            opened = [each for each in windows.open if each[0] > MIN_TIME_NS]  # not the seconds that are not kept
            unclosed = list(joined([*opened, (windows.until_ns, until_ns)]))
            self._sums[family, grain].doubt(unclosed)
            if grain == SECOND_NS:
                self._points.doubt(unclosed)
            elif (family, grain) == (Family.EVENTS, MINUTE_NS):
                self._points.doubt(opened)

    async def _roll(self, family: Family, grain: int, until_ns: int, expired_ns: int | None) -> None:
        """Close what is due; windows that raw points have begun to leave are closed as they are."""
        windows = self._kept.now.of(family)[grain]
        with self._points.watch() as watch:
            expires = expired_ns is not None and grain != SECOND_NS
            expiring = [(MIN_TIME_NS, -(-(expired_ns or 0) // grain) * grain)] if expires else []
            fresh = [(windows.until_ns, until_ns)] if until_ns > windows.until_ns else []
            due = [*windows.open, *fresh]
            blocked = self._blocked(family, grain)
            todo = without(joined(due), joined([*expiring, *blocked]))
            known = self._live.whole(todo, grain) if family is Family.EVENTS and self._is_live_known else []
            for start_ns, end_ns in known:
                with self._doubting(family, grain, start_ns, end_ns):
                    await self._recount.known(grain, start_ns, end_ns, self._live)
            for start_ns, end_ns in _bridged(without(todo, known), grain):
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
        if grain == SECOND_NS:
            kept_ns = self._clock.now_ns() - SECONDS_KEPT_NS
            blocked.append((MIN_TIME_NS, kept_ns // HOUR_NS * HOUR_NS))
        elif grain == DAY_NS:
            hours = self._kept.now.of(family)[HOUR_NS]
            blocked += [*hours.open, (hours.until_ns, max(hours.until_ns, self._clock.now_ns()) + DAY_NS)]
        return aligned(blocked, grain)

    @contextlib.contextmanager
    def _doubting(self, family: Family, grain: int, start_ns: int, end_ns: int) -> Iterator[None]:
        """Sums whose writing fails may arrive later, over newer ones."""
        try:
            yield
        except BaseException:
            self._sums[family, grain].doubt([(start_ns, end_ns)])
            raise

    async def _recount_range(self, family: Family, grain: int, start_ns: int, end_ns: int) -> None:
        """Recount a range in pieces, one query each; behind an empty one go on at the next point."""
        step = _WINDOWS_PER_QUERY[grain] * grain
        while start_ns < end_ns:
            stop_ns = min(start_ns + step, end_ns)
            with self._doubting(family, grain, start_ns, stop_ns):
                found = await self._recount.windows(family, grain, start_ns, stop_ns)
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
