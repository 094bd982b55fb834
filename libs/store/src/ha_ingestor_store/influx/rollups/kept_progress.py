"""The progress of one term as it is kept in the store: read, saved, and opened before late points are written.

- A write behind the watermark opens its windows in the store, and waits as long as readers may rely on the old
  progress.
- A save without an answer may still arrive, for IN_DOUBT_S: writes into windows that it trusts wait so long.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

import msgspec
from ha_ingestor_core.clock import Clock
from ha_ingestor_core.errors import StoreRefusedError

from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.reading.oldest import oldest_ns
from ha_ingestor_store.influx.rollups.lease import Standing, Term, newest_standing, standing_line
from ha_ingestor_store.influx.rollups.ledger import IN_DOUBT_S
from ha_ingestor_store.influx.rollups.progress import NO_PROGRESS, Progress, Range, Windows, aligned, families
from ha_ingestor_store.influx.schema import (
    EVENTS,
    GRAINS,
    MIN_TIME_NS,
    SECOND_NS,
    SERVICE_METRICS,
    Family,
)
from ha_ingestor_store.influx.writing.batch_writer import BatchWriter
from ha_ingestor_store.time_range import HOUR_NS, MINUTE_NS

RENEWED_AFTER_S = 1.0

_LONGEST_LOOK_AHEAD_NS = HOUR_NS
_RECOUNTED_NS = HOUR_NS
"""What each term counts anew behind the watermark: a backup takes less."""


class KeptProgress:
    """The progress of a term, which its saves extend."""

    def __init__(self, database: Database, writer: BatchWriter, term: Term, *, clock: Clock, keep_s: float) -> None:
        self._database = database
        self._writer = writer
        self._term = term
        self._clock = clock
        self._keep_s = keep_s
        self.now = NO_PROGRESS
        """The progress, once it is loaded."""
        self._is_loaded = False
        self._acknowledged: Progress | None = None
        self._unanswered: list[tuple[float, Progress]] = []
        self._beat = self._acknowledged_beat = 0
        self._sent_at = self._checked_at = clock.monotonic()
        self._has_opened = False
        self._turned_from_ns = MIN_TIME_NS
        self._saving = asyncio.Lock()
        self._loading = asyncio.Lock()
        # Readers may know another progress, of a moment ago.
        self._begun_at = self._settled_at = clock.monotonic() + (0.0 if term.found is None else keep_s)

    @property
    def is_unanswered(self) -> bool:
        """Whether a save may still arrive."""
        return bool(self._unanswered)

    async def load(self) -> Progress:
        """Return the progress; of a store without rollups all windows are due."""
        async with self._loading:
            if not self._is_loaded:
                initial = inherited(self._term.found)
                self._acknowledged = initial
                self.now = initial if initial.events else await self._of_what_is_there()
                self._is_loaded = True
            return self.now

    async def _of_what_is_there(self) -> Progress:
        now_ns = self._clock.now_ns()
        progress = NO_PROGRESS
        for family, measurement in ((Family.EVENTS, EVENTS), (Family.SERVICES, SERVICE_METRICS)):
            found_ns = await oldest_ns(partial(self._database.first_ns, measurement), now_ns)
            start_ns = now_ns if found_ns is None else min(found_ns, now_ns)
            windows = {grain: Windows(start_ns // grain * grain) for grain in GRAINS[family]}
            if SECOND_NS in windows:
                windows[SECOND_NS] = windows[SECOND_NS].opened([(MIN_TIME_NS, start_ns)])
            progress = progress.changed(family, windows)
            if family is Family.EVENTS:
                progress = msgspec.structs.replace(progress, captured_from_ns=found_ns)
        return progress

    async def renew(self) -> None:
        """Extend the term if it is time; a term that was taken over, or whose store was restored, ends."""
        if self._clock.monotonic() - self._checked_at < RENEWED_AFTER_S:
            return
        self._checked_at = self._clock.monotonic()
        await self.load()
        stored = newest_standing(await self._database.progress())
        is_ours = stored is not None and (stored.term, stored.holder) == (self._term.number, self._term.holder)
        if not is_ours or (stored and stored.beat < self._acknowledged_beat and not self._unanswered):
            self._term.end()
        await self.save()

    async def release(self, *, is_clean: bool) -> None:
        """End the term, and say so; what is open stays open, and right."""
        progress = await self.load()
        is_clean = is_clean and not self._unanswered
        await self._send(Standing(self._term.number, self._term.holder, self._beat + 1, True, is_clean, progress))
        self._term.end()

    @property
    def _is_due(self) -> bool:
        return self._clock.monotonic() - self._sent_at >= RENEWED_AFTER_S

    async def save(self) -> None:
        """Save what has changed, and anyway if the last save was a while ago: each extends the term."""
        async with self._saving:
            self._forget_lost_saves()
            progress, has_opened = self.now, self._has_opened
            if not self._is_loaded or (progress is self._acknowledged and not self._is_due):
                return
            self._has_opened = False
            self._beat += 1
            try:
                await self._send(Standing(self._term.number, self._term.holder, self._beat, progress=progress))
            except BaseException as err:
                self._has_opened |= has_opened
                if not isinstance(err, StoreRefusedError):
                    self._unanswered.append((self._clock.monotonic() + IN_DOUBT_S, progress))
                raise
            self._acknowledged = progress
            if has_opened:
                self._settled_at = self._clock.monotonic() + self._keep_s

    async def _send(self, standing: Standing) -> None:
        sent_at = self._clock.monotonic()
        refused = await self._writer.write(self._database.write_target(rollups=True), [standing_line(standing)])
        if refused:
            raise StoreRefusedError(f"the rollups' progress was refused: {refused[0].message}")
        self._sent_at, self._acknowledged_beat = sent_at, standing.beat
        self._term.renew(sent_at)

    def _forget_lost_saves(self) -> None:
        """Saves without an answer that can't arrive any more; one may have, over a later one: so save once again."""
        now = self._clock.monotonic()
        kept = [save for save in self._unanswered if save[0] > now]
        if len(kept) < len(self._unanswered):
            self._unanswered, self._acknowledged, self._has_opened = kept, None, True

    def turn_back(self, now_ns: int) -> bool:
        """Move watermarks that are ahead of the clock back to it, and return whether one was: events of the future."""
        before = self.now
        for family, grain in families():
            windows = self.now.of(family)[grain]
            turned = windows.turned_back(now_ns // grain * grain)
            if turned != windows:
                self.now = self.now.changed(family, {grain: turned})
                self._has_opened = True
                if family is Family.EVENTS:
                    self._turned_from_ns = max(self._turned_from_ns, windows.until_ns)
        return self.now is not before

    async def open(self, family: Family, ranges: Sequence[Range]) -> list[Range]:
        """Open what lies behind the watermark, wait until no reader relies on its being closed, and return it."""
        await self.load()
        closed_until_ns = max(self._turned_from_ns, *(each.until_ns for each in self.now.of(family).values()))
        late = [(start, end) for start, end in ranges if start < closed_until_ns]
        if not late:
            await self._wait_until(self._begun_at)
            return []
        wanted = _with_look_ahead(late)
        while True:
            self._open_now(family, late, wanted)
            await self.save()
            in_doubt = [until for until, save in self._unanswered if _trusts(save, family, late)]
            if not in_doubt:
                break
            await self._wait_until(max(in_doubt))
        await self._wait_until(self._settled_at)
        return late

    def _open_now(self, family: Family, late: Sequence[Range], wanted: Sequence[Range]) -> None:
        known = self.now.of(family)
        needed = {grain: windows.opened(aligned(late, grain)) for grain, windows in known.items()}
        if needed != known:
            opened = {grain: windows.opened(aligned(wanted, grain)) for grain, windows in known.items()}
            self.now = self.now.changed(family, opened)
            self._has_opened = True

    async def _wait_until(self, moment: float) -> None:
        remaining = moment - self._clock.monotonic()
        if remaining > 0:
            await asyncio.sleep(remaining)


def inherited(found: Standing | None) -> Progress:
    """Return the progress that a term begins with, made of the last save of the one before.

    The last hour is counted anew: the store may be one that was restored, whose raw points and rollups were copied at
    different moments.
    """
    if found is None:
        return NO_PROGRESS
    progress = found.progress
    for family in Family:
        windows = progress.of(family)
        if windows:
            from_ns = windows[GRAINS[family][0]].until_ns - _RECOUNTED_NS
            opened = {grain: each.opened(aligned([(from_ns, each.until_ns)], grain)) for grain, each in windows.items()}
            progress = progress.changed(family, opened)
    return progress


def _with_look_ahead(late: Sequence[Range]) -> list[Range]:
    """What was spooled during an outage comes in order: to wait before each batch, open the next ones', too."""
    length = max(late[-1][1] - late[0][0], MINUTE_NS)
    ahead = 16 * length if length <= _LONGEST_LOOK_AHEAD_NS else 0
    return [*late[:-1], (late[-1][0], late[-1][1] + min(ahead, _LONGEST_LOOK_AHEAD_NS))]


def _trusts(progress: Progress, family: Family, ranges: Sequence[Range]) -> bool:
    """Whether a reader of this progress trusts a window that touches one of the ranges."""
    return any(
        windows.trusted(start, end)
        for grain, windows in progress.of(family).items()
        for start, end in aligned(ranges, grain)
    )
