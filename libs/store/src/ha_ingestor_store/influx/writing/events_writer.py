"""Writes events: those that the store lacks, or holds in a poorer version, under the guard of the rollups.

The points of `entities` that they name are acknowledged before they are sent, so that no reader misses one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Container, Sequence
from functools import partial

from ha_ingestor_core.clock import Clock
from ha_ingestor_core.events import OriginKind

from ha_ingestor_store.answers import RejectedPoint, WriteResult, repeats
from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.rollups.rollups import Rollups
from ha_ingestor_store.influx.server.write_answers import RefusalKey
from ha_ingestor_store.influx.writing.batch_writer import BatchWriter, RefusedLine, always
from ha_ingestor_store.influx.writing.event_encoder import EventEncoder, SetOfSeries, refused_facts
from ha_ingestor_store.influx.writing.event_keys import EventKeys, Sorted
from ha_ingestor_store.influx.writing.line_protocol import rename_line
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.renames import renames_in

_SLICE = 500
"""Lines between two turns of the event loop: about 3 ms."""
_LINES_PER_REQUEST = 2_500
"""A batch of 5,000 in two requests: the server works on one while the other is made, and on both on two cores."""
_SNAPSHOT = OriginKind.SNAPSHOT
_LIVE = OriginKind.LIVE
_BEYOND = RefusalKey.BEYOND_RETENTION


class EventsWriter:
    """The one writer of a store's events; one write at a time."""

    def __init__(
        self,
        database: Database,
        writer: BatchWriter,
        rollups: Rollups,
        *,
        clock: Clock,
        on_renames: Callable[[], None] = lambda: None,
    ) -> None:
        self._on_renames = on_renames
        self._database = database
        self._writer = writer
        self._rollups = rollups
        self._keys = EventKeys(database, clock)
        self._encoder = EventEncoder()
        self._turn = asyncio.Lock()

    async def write(self, points: Sequence[EventPoint]) -> WriteResult:
        """Store the points durably; a repeat changes nothing."""
        async with self._turn:
            # First: were they to fail behind the events, these would come again and count as duplicates.
            if renames := renames_in(points):
                target = self._database.write_target(rollups=True)
                await self._writer.write(target, list(map(rename_line, renames)), may_repeat=always)
                self._on_renames()
            return await self._write_events(points) if points else WriteResult()

    async def _write_events(self, points: Sequence[EventPoint]) -> WriteResult:
        batch = await self._keys.sort(points)
        chosen = [points[index] for index in batch.to_write]
        refused: list[RefusedLine] = []
        if chosen:
            try:
                async with self._rollups.writing([point.time_ns for point in chosen]):
                    upgrades = set(batch.upgrades)
                    replacing = {at for at, index in enumerate(batch.to_write) if index in batch.replacing}
                    refused = await self._send(chosen, replacing)
                    not_new = {line.index for line in refused} | {
                        at for at, index in enumerate(batch.to_write) if index in upgrades
                    }
                    self._rollups.count(point for at, point in enumerate(chosen) if at not in not_new)
            except BaseException:
                self._keys.failed(chosen)
                self._encoder.forget_sets()  # a server that comes back may be a restored or an empty one
                raise
            bad = {line.index for line in refused}
            self._keys.written([point for at, point in enumerate(chosen) if at not in bad] if bad else chosen)
        expired = sorted(batch.to_write[line.index] for line in refused if line.key is _BEYOND)
        rejected = [
            RejectedPoint(batch.to_write[line.index], line.key, line.message)
            for line in refused
            if line.key is not _BEYOND
        ]
        # History beyond the retention does not make an answer complete.
        lost = {*expired, *(point.index for point in rejected)}
        witnessed = [
            point.time_ns
            for index, point in enumerate(points)
            if point.origin_kind is not _SNAPSHOT and index not in lost
        ]
        if witnessed:
            await self._rollups.note_captured(min(witnessed))
        duplicates = _duplicates(points, batch, lost) if batch.duplicates else []
        return WriteResult(len(points) - len(duplicates) - len(lost), duplicates, rejected, expired)

    async def _send(self, points: Sequence[EventPoint], replacing: Container[int]) -> list[RefusedLine]:
        """Write events; one whose facts are refused is refused with them."""
        bad: dict[SetOfSeries, RefusedLine] = {}
        while True:
            refused = [(at, bad[name]) for at, point in enumerate(points) if (name := refused_facts(point, bad))]
            without = {at for at, _ in refused}
            sent = [at for at in range(len(points)) if at not in without]
            kinds = [points[at].origin_kind for at in sent]
            self._encoder.forget_new()
            try:
                lines = await self._writer.write_slices(
                    self._database.write_target(rollups=False),
                    self._slices(points, sent, replacing),
                    may_repeat=partial(_is_live, kinds),  # no better version replaces it
                )
            except _FactsRefusedError as err:
                bad |= err.refused
                continue
            refused += [(sent[line.index], line) for line in lines]
            return [RefusedLine(at, line.key, line.message) for at, line in sorted(refused, key=lambda each: each[0])]

    async def _slices(
        self, points: Sequence[EventPoint], sent: Sequence[int], replacing: Container[int]
    ) -> AsyncIterator[list[str]]:
        encoder = self._encoder
        for first in range(0, len(sent), _LINES_PER_REQUEST):
            lines: list[str] = []
            for start in range(first, min(first + _LINES_PER_REQUEST, len(sent)), _SLICE):
                if start:
                    await asyncio.sleep(0)
                part = sent[start : min(start + _SLICE, first + _LINES_PER_REQUEST)]
                if replacing:
                    lines += [
                        encoder.replacing_line(points[at]) if at in replacing else encoder.line(points[at])
                        for at in part
                    ]
                else:
                    lines += [encoder.line(points[at]) for at in part]
            await self._write_facts()
            yield lines

    async def _write_facts(self) -> None:
        new = self._encoder.new_facts
        if not new:
            return
        target = self._database.write_target(rollups=False)
        refused = await self._writer.write(target, [each.line for each in new], may_repeat=always)
        if refused:
            raise _FactsRefusedError({(new[each.index].series, new[each.index].facts): each for each in refused})
        self._encoder.acknowledged()


def _is_live(kinds: Sequence[OriginKind], at: int) -> bool:
    return kinds[at] is _LIVE


class _FactsRefusedError(Exception):
    """The server refuses points of `entities`: the events that name them cannot be written."""

    def __init__(self, refused: dict[SetOfSeries, RefusedLine]) -> None:
        super().__init__("facts were refused")
        self.refused = refused


def _duplicates(points: Sequence[EventPoint], batch: Sorted, refused: set[int]) -> list[int]:
    """A better version of what is stored counts as one; where it was refused it is rejected, and no duplicate."""
    keys = [(point.series_key, point.time_ns) for point in points]
    written = set(batch.to_write) - set(batch.upgrades) - refused
    return [index for index in repeats(keys, (keys[index] for index in written)) if index not in refused]
