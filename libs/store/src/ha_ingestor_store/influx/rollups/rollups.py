"""Keeps the rollups: recomputes touched windows from the raw points and says in the store which may be trusted.

The order of events is what makes every sum right, whatever crashes in between:
- a write behind the mark opens its windows in the store, waits as long as readers may rely on the old mark, writes;
- a window is recomputed by the server and written again (idempotent) before it is closed in the store;
- it is closed only if nothing touched it since its recomputation began;
- what was sent and not answered may still arrive, for IN_DOUBT_S: points and sums keep their windows open so long, a
  progress is waited for by writes into windows that it trusts, and the successor of a process closes nothing meanwhile.
Only the process that writes the events runs this. What others write (their service_metrics) is guarded by claims.py.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import partial

import msgspec
import structlog
from ha_ingestor_core.clock import NS_PER_S, Clock
from ha_ingestor_core.errors import IngestorError, StoreRefusedError
from ha_ingestor_core.tasks import supervised

from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.influxql.selections import Part
from ha_ingestor_store.influx.queries.rows import WindowSums
from ha_ingestor_store.influx.reading.oldest import first_in, oldest_ns
from ha_ingestor_store.influx.rollups.claims import heeded, read_claims
from ha_ingestor_store.influx.rollups.ledger import IN_DOUBT_S, Ledger
from ha_ingestor_store.influx.rollups.progress import (
    NO_PROGRESS,
    Progress,
    Range,
    Windows,
    aligned,
    decode_progress,
    encode_progress,
    families,
    joined,
    touched,
    without,
)
from ha_ingestor_store.influx.schema import (
    COUNT,
    ENTITY_ROLLUPS,
    EVENT_ROLLUPS,
    EVENT_TAGS,
    EVENTS,
    GRAINS,
    GROUP_TAGS,
    MIN_TIME_NS,
    PROGRESS,
    PROGRESS_TIME_NS,
    ROLLED_UP_METRICS,
    SERVICE_METRICS,
    SERVICE_ROLLUPS,
    Family,
)
from ha_ingestor_store.influx.writing.batch_writer import BatchWriter
from ha_ingestor_store.influx.writing.line_protocol import count_line, text_line
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS

OWNER = "rollups"
CYCLE_S = 5.0
LAG_NS = 10 * NS_PER_S
"""How long after its end a window is closed: most events are stored within a second."""
REPORT_WAIT_S = 60.0
"""How long a report of another process may be on its way: longer than the timeout of a write."""

_WINDOWS_PER_QUERY = {MINUTE_NS: 360, HOUR_NS: 24, DAY_NS: 60}
_BRIDGED_WINDOWS = 12
_LONGEST_LOOK_AHEAD_NS = HOUR_NS
_OLDEST_REPORT_NS = 2 * DAY_NS
"""How far back others may write while they find no progress that tells them to claim: they keep a day of reports."""

_log = structlog.get_logger()


class Rollups:
    """The one keeper of a store's rollups."""

    def __init__(
        self,
        dialect: Database,
        writer: BatchWriter,
        *,
        clock: Clock,
        keep_s: float,
        raw_retention_s: int,
        report_wait_s: float = REPORT_WAIT_S,
    ) -> None:
        self._dialect = dialect
        self._writer = writer
        self._clock = clock
        self._keep_s = keep_s
        self._raw_retention_ns = raw_retention_s * NS_PER_S
        self._report_wait_s = report_wait_s
        self._progress: Progress | None = None
        self._acknowledged: Progress | None = None
        self._unanswered: list[tuple[float, Progress]] = []
        self._has_opened = False
        self._rolling = asyncio.Lock()
        self._saving = asyncio.Lock()
        self._loading = asyncio.Lock()
        self._settled_at = 0.0
        self._begun_at = 0.0
        self._quiet_until = 0.0
        self._told_ns: int | None = None
        self._announced_at = 0.0
        self._ledgers = {family: Ledger(clock) for family in Family}
        self._failing = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to roll up every few seconds."""
        if self._task is None:
            self._task = supervised(self._run, name="rollups")

    async def stop(self) -> None:
        """End; what is open stays open, and right."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    @contextlib.asynccontextmanager
    async def writing(self, family: Family, times_ns: Iterable[int]) -> AsyncIterator[None]:
        """Hold the windows of points that are written inside; those behind the mark are opened in the store first."""
        finest = GRAINS[family][0]
        ranges = touched(times_ns, finest)
        with self._ledgers[family].writing(ranges):
            await self._open(family, ranges)
            yield

    async def expect(self, points: Range) -> None:
        """Open the windows of a range in which events and reports will be written."""
        for family in Family:
            await self._open(family, [points])

    async def note_captured(self, time_ns: int) -> None:
        """Keep the time of an event that was witnessed or recovered, when it is the oldest."""
        progress = await self._loaded()
        if progress.captured_from_ns is None or time_ns < progress.captured_from_ns:
            self._progress = msgspec.structs.replace(progress, captured_from_ns=time_ns)
            await self._save()

    async def roll_up(self) -> None:
        """Recompute and close all windows that are due; one at a time, or a slow one would write its old sums last."""
        async with self._rolling:
            await self._loaded()
            if self._clock.monotonic() >= self._quiet_until:
                await self._roll_all()

    async def _roll_all(self) -> None:
        await self._heed_claims()
        due_ns = self._clock.now_ns() - LAG_NS
        for family, grain in families():
            until_ns = due_ns // grain * grain
            if family is Family.SERVICES:
                until_ns = min(until_ns, await self._announced(due_ns // HOUR_NS * HOUR_NS) // grain * grain)
            await self._roll(family, grain, until_ns)
        await self._save()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(CYCLE_S)
            try:
                await self.roll_up()
            except IngestorError as err:
                self._note_failure(lambda err=err: _log.warning("rollups_wait", key=err.key, error=err.message))  # type: ignore[misc]
            except Exception:
                self._note_failure(lambda: _log.exception("rollups_failed_unexpectedly"))
            else:
                if self._failing:
                    _log.info("rollups_go_on")
                self._failing = False

    def _note_failure(self, say: Callable[[], None]) -> None:
        """Loud once: questions read raw points meanwhile, which is slower and as right."""
        if not self._failing:
            say()
        self._failing = True

    async def _loaded(self) -> Progress:
        async with self._loading:
            if self._progress is None:
                self._progress = self._acknowledged = await self._read()
                self._told_ns = self._progress.announced_ns
                self._announced_at = self._clock.monotonic()
            return self._progress

    async def _read(self) -> Progress:
        text = (await self._dialect.progress()).get(OWNER)
        if text is not None:
            try:
                progress = decode_progress(text)
            except msgspec.MsgspecError as err:
                raise StoreRefusedError(
                    f"{PROGRESS} was written by a later release, or by somebody else: {err}"
                ) from err
            now = self._clock.monotonic()
            self._begun_at = self._settled_at = now + self._keep_s  # readers may know another, of a moment ago
            self._quiet_until = now + IN_DOUBT_S  # what its writer sent last may still arrive
            return progress
        now_ns = self._clock.now_ns()
        progress = NO_PROGRESS
        for family, measurement in ((Family.EVENTS, EVENTS), (Family.SERVICES, SERVICE_METRICS)):
            found_ns = await oldest_ns(partial(self._dialect.first_ns, measurement), now_ns)
            start_ns = now_ns if found_ns is None else min(found_ns, now_ns)
            if family is Family.SERVICES:
                start_ns -= _OLDEST_REPORT_NS
            progress = progress.changed(family, {grain: Windows(start_ns // grain * grain) for grain in GRAINS[family]})
            if family is Family.EVENTS:
                progress = msgspec.structs.replace(progress, captured_from_ns=found_ns)
        return progress

    async def _save(self) -> None:
        async with self._saving:
            self._forget_lost_saves()
            progress, has_opened = self._progress, self._has_opened
            if progress is None or progress is self._acknowledged:
                return
            line = text_line(PROGRESS, encode_progress(progress), PROGRESS_TIME_NS, {"owner": OWNER})
            self._has_opened = False
            try:
                refused = await self._writer.write(self._dialect.write_target(rollups=True), [line])
            except BaseException as err:
                self._has_opened |= has_opened
                if not isinstance(err, StoreRefusedError):
                    self._unanswered.append((self._clock.monotonic() + IN_DOUBT_S, progress))
                raise
            if refused:
                raise StoreRefusedError(f"the rollups' progress was refused: {refused[0].message}")
            self._acknowledged = progress
            if progress.announced_ns != self._told_ns:
                self._told_ns, self._announced_at = progress.announced_ns, self._clock.monotonic()
            if has_opened:
                self._settled_at = self._clock.monotonic() + self._keep_s

    def _forget_lost_saves(self) -> None:
        """Saves without an answer that can't arrive any more; one may have, over a later one: so save once again."""
        now = self._clock.monotonic()
        kept = [save for save in self._unanswered if save[0] > now]
        if len(kept) < len(self._unanswered):
            self._unanswered, self._acknowledged, self._has_opened, self._told_ns = kept, None, True, None

    async def _open(self, family: Family, ranges: Sequence[Range]) -> None:
        """Open what lies behind the mark, and wait until no reader relies on its being closed."""
        progress = await self._loaded()
        finest = progress.of(family)[GRAINS[family][0]]
        late = [(start, end) for start, end in ranges if start < finest.until_ns]
        if not late:
            await self._wait_until(self._begun_at)
            return
        wanted = self._with_look_ahead(late)
        while True:
            self._open_now(family, late, wanted)
            await self._save()
            in_doubt = [until for until, save in self._unanswered if _trusts(save, family, late)]
            if not in_doubt:
                break
            await self._wait_until(max(in_doubt))
        await self._wait_until(self._settled_at)

    async def _wait_until(self, moment: float) -> None:
        remaining = moment - self._clock.monotonic()
        if remaining > 0:
            await asyncio.sleep(remaining)

    def _open_now(self, family: Family, late: Sequence[Range], wanted: Sequence[Range]) -> None:
        progress = self._progress or NO_PROGRESS
        needed = {grain: windows.opened(aligned(late, grain)) for grain, windows in progress.of(family).items()}
        if needed != progress.of(family):
            opened = {grain: windows.opened(aligned(wanted, grain)) for grain, windows in progress.of(family).items()}
            self._progress = progress.changed(family, opened)
            self._has_opened = True

    def _with_look_ahead(self, late: Sequence[Range]) -> list[Range]:
        """What was spooled during an outage comes in order: to wait before each batch, open the next ones', too."""
        length = late[-1][1] - late[0][0]
        ahead = 16 * length if length <= _LONGEST_LOOK_AHEAD_NS else 0
        return [*late[:-1], (late[-1][0], late[-1][1] + min(ahead, _LONGEST_LOOK_AHEAD_NS))]

    async def _announced(self, until_ns: int) -> int:
        """Until when hours of services may be closed: what was announced long enough ago, for all to see."""
        await self._save()
        progress = await self._loaded()
        known_ns = progress.announced_ns if self._has_announced() else progress.services[HOUR_NS].until_ns
        if until_ns > progress.announced_ns and self._has_announced():
            self._progress = msgspec.structs.replace(progress, announced_ns=until_ns)
            await self._save()
        return known_ns if self._report_wait_s else max(known_ns, until_ns)

    def _has_announced(self) -> bool:
        """Whether what is announced was saved so long ago, and no older progress can arrive over it."""
        waited = self._clock.monotonic() - self._announced_at >= self._report_wait_s
        return waited and not self._unanswered

    async def _heed_claims(self) -> None:
        claims = read_claims(await self._dialect.progress(), OWNER)
        progress = await self._loaded()
        self._progress = heeded(progress, claims, self._clock.now_ns())

    async def _roll(self, family: Family, grain: int, until_ns: int) -> None:
        progress = await self._loaded()
        windows = progress.of(family)[grain]
        with self._ledgers[family].watch() as watch:
            expiring = [(MIN_TIME_NS, self._expiring_until(grain))]
            fresh = [(windows.until_ns, until_ns)] if until_ns > windows.until_ns else []
            due = [*windows.open, *fresh]
            blocked = aligned(self._not_ready(family, grain), grain)
            todo = without(joined(due), joined([*expiring, *blocked]))
            for start_ns, end_ns in _bridged(todo, grain):
                await self._recompute_range(family, grain, start_ns, end_ns)
            dirty = [*aligned(watch.ranges(), grain), *blocked, *aligned(self._not_ready(family, grain), grain)]
            # The windows may have changed while we waited; this and what follows runs without a wait.
            progress = self._progress or progress
            windows = progress.of(family)[grain]
            closed = without(joined([*todo, *without(windows.open, without(windows.open, expiring))]), joined(dirty))
            after = windows.closed(closed)
            if fresh:
                after = after.advanced(until_ns, dirty)
            if after != windows:
                self._progress = progress.changed(family, {grain: after})

    def _expiring_until(self, grain: int) -> int:
        """Windows that begin before this may have lost raw points to retention, and are never recomputed."""
        if not self._raw_retention_ns:
            return MIN_TIME_NS
        oldest_ns = self._clock.now_ns() - self._raw_retention_ns
        return -(-oldest_ns // grain) * grain

    def _not_ready(self, family: Family, grain: int) -> list[Range]:
        """A day is made of its hours: where these are not rolled up, it can't be."""
        if grain != DAY_NS or self._progress is None:
            return []
        hours = self._progress.of(family)[HOUR_NS]
        return [*hours.open, (hours.until_ns, max(hours.until_ns, self._clock.now_ns()) + DAY_NS)]

    async def _recompute_range(self, family: Family, grain: int, start_ns: int, end_ns: int) -> None:
        """Recompute a range in pieces, one query each; behind an empty one go on at the next point."""
        step = _WINDOWS_PER_QUERY[grain] * grain
        while start_ns < end_ns:
            stop_ns = min(start_ns + step, end_ns)
            found = await self._recompute(family, grain, start_ns, stop_ns)
            start_ns = stop_ns
            if not found and end_ns - stop_ns > step:
                measurement = EVENTS if family is Family.EVENTS else SERVICE_METRICS
                next_ns = await first_in(partial(self._dialect.first_ns, measurement), stop_ns, end_ns)
                start_ns = end_ns if next_ns is None else max(stop_ns, next_ns // grain * grain)

    async def _recompute(self, family: Family, grain: int, start_ns: int, end_ns: int) -> bool:
        """Recompute the windows of a range; whether there is anything in it."""
        lines: list[str] = []
        for table, part, by, fields in _sources(family, grain, start_ns, end_ns):
            found = await self._dialect.window_sums(part, grain, by, fields)
            lines += _lines(table, by, found)
            if table == ENTITY_ROLLUPS[HOUR_NS]:
                lines += _lines(EVENT_ROLLUPS[HOUR_NS], GROUP_TAGS, _by_group(found))
        try:
            refused = await self._writer.write(self._dialect.write_target(rollups=True), lines)
        except BaseException:
            self._ledgers[family].doubt([(start_ns, end_ns)])  # these sums may arrive later, over newer ones
            raise
        if refused:
            raise StoreRefusedError(f"a rollup was refused: {refused[0].message}")
        return bool(lines)


def _trusts(progress: Progress, family: Family, ranges: Sequence[Range]) -> bool:
    """Whether a reader of this progress trusts a window that touches one of the ranges."""
    return any(
        windows.trusted(start, end)
        for grain, windows in progress.of(family).items()
        for start, end in aligned(ranges, grain)
    )


def _sources(
    family: Family, grain: int, start_ns: int, end_ns: int
) -> list[tuple[str, Part, tuple[str, ...], tuple[str, ...]]]:
    """(rollup, what it is summed from, by which tags, which fields): days from hours, the others from raw points."""
    if family is Family.SERVICES:
        source = SERVICE_ROLLUPS[HOUR_NS] if grain == DAY_NS else SERVICE_METRICS
        part = Part(source, grain == DAY_NS, start_ns, end_ns)
        return [(SERVICE_ROLLUPS[grain], part, ("service",), ROLLED_UP_METRICS)]
    if grain == DAY_NS:
        return [
            (rollups[DAY_NS], Part(rollups[HOUR_NS], True, start_ns, end_ns), by, (COUNT,))
            for rollups, by in ((EVENT_ROLLUPS, GROUP_TAGS), (ENTITY_ROLLUPS, EVENT_TAGS))
        ]
    raw = Part(EVENTS, False, start_ns, end_ns)
    if grain == HOUR_NS:
        return [(ENTITY_ROLLUPS[HOUR_NS], raw, EVENT_TAGS, (COUNT,))]
    return [(EVENT_ROLLUPS[grain], raw, GROUP_TAGS, (COUNT,))]


def _by_group(found: Iterable[WindowSums]) -> list[WindowSums]:
    """The sums of entities added up to those of their groups."""
    totals: dict[tuple[int, tuple[str | None, ...]], float] = defaultdict(float)
    for row in found:
        totals[row.start_ns, row.tags[: len(GROUP_TAGS)]] += row.sums[COUNT]
    return [WindowSums(start_ns, tags, {COUNT: total}) for (start_ns, tags), total in totals.items()]


def _lines(table: str, by: tuple[str, ...], found: Iterable[WindowSums]) -> list[str]:
    return [
        count_line(table, dict(zip(by, row.tags, strict=True)), row.sums, row.start_ns) for row in found if row.sums
    ]


def _bridged(ranges: Iterable[Range], grain: int) -> list[Range]:
    """The ranges, near ones together: recomputing what lies between is harmless."""
    bridged: list[Range] = []
    for start, end in ranges:
        if bridged and start - bridged[-1][1] <= _BRIDGED_WINDOWS * grain:
            bridged[-1] = (bridged[-1][0], end)
        else:
            bridged.append((start, end))
    return bridged
