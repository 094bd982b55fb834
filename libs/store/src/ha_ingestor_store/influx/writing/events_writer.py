"""Writes events: those that the store lacks, or holds in a poorer version, under the guard of the rollups."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

import structlog
from ha_ingestor_core.clock import Clock
from ha_ingestor_core.events import OriginKind

from ha_ingestor_store.answers import RejectedPoint, WriteResult, repeats
from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.influxql.selections import EventFilter
from ha_ingestor_store.influx.rollups.rollups import Rollups
from ha_ingestor_store.influx.schema import TEXT_FIELDS, Family
from ha_ingestor_store.influx.server.write_answers import RefusalKey
from ha_ingestor_store.influx.writing.batch_writer import BatchWriter, RefusedLine, always
from ha_ingestor_store.influx.writing.event_keys import EventKeys, Sorted
from ha_ingestor_store.influx.writing.line_protocol import EventEncoder, rename_line, weather_line
from ha_ingestor_store.points import EventPoint, Weather, WeatherObservation
from ha_ingestor_store.renames import renames_in

_SLICE = 500
"""Lines between two turns of the event loop: about 3 ms."""
_LINES_PER_REQUEST = 2_500
"""A batch of 5,000 in two requests: the server works on one while the other is made, and on both on two cores."""
_OPTIONAL = ("value", *TEXT_FIELDS)
_NO_WEATHER = Weather()
_SNAPSHOT = OriginKind.SNAPSHOT
_LIVE = OriginKind.LIVE
_BEYOND = RefusalKey.BEYOND_RETENTION

_log = structlog.get_logger()


class EventsWriter:
    """The one writer of a store's events; one write at a time."""

    def __init__(
        self,
        dialect: Database,
        writer: BatchWriter,
        rollups: Rollups,
        *,
        clock: Clock,
        on_renames: Callable[[], None] = lambda: None,
    ) -> None:
        self._on_renames = on_renames
        self._dialect = dialect
        self._writer = writer
        self._rollups = rollups
        self._keys = EventKeys(dialect, clock)
        self._encoder = EventEncoder()
        self._turn = asyncio.Lock()

    async def write(self, points: Sequence[EventPoint]) -> WriteResult:
        """See EventWriter.write_events."""
        async with self._turn:
            # First: were they to fail behind the events, these would come again and count as duplicates.
            if renames := renames_in(points):
                target = self._dialect.write_target(rollups=True)
                await self._writer.write(target, list(map(rename_line, renames)), may_repeat=always)
                self._on_renames()
            return await self._write_events(points) if points else WriteResult()

    async def write_weather(self, observations: Sequence[WeatherObservation]) -> list[RejectedPoint]:
        """See EventWriter.write_weather."""
        lines = [weather_line(observation) for observation in observations]
        refused = await self._writer.write(self._dialect.write_target(rollups=False), lines)
        if refused:
            first = refused[0]
            _log.warning("weather_refused", lines=len(refused), first=lines[first.index], error=first.message)
        return [RejectedPoint(line.index, line.key, line.message) for line in refused]

    async def _write_events(self, points: Sequence[EventPoint]) -> WriteResult:
        batch = await self._keys.sort(points)
        chosen = [points[index] for index in batch.to_write]
        refused: list[RefusedLine] = []
        if chosen:
            try:
                async with self._rollups.writing(Family.EVENTS, (point.time_ns for point in chosen)):
                    for index in batch.upgrades:
                        await self._make_room(points[index])
                    refused = await self._writer.write_slices(
                        self._dialect.write_target(rollups=False),
                        self._slices(chosen),
                        may_repeat=lambda at: chosen[at].origin_kind is _LIVE,  # no better version replaces it
                    )
            except BaseException:
                self._keys.failed(chosen)
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

    async def _slices(self, points: Sequence[EventPoint]) -> AsyncIterator[list[str]]:
        for first in range(0, len(points), _LINES_PER_REQUEST):
            lines: list[str] = []
            for start in range(first, min(first + _LINES_PER_REQUEST, len(points)), _SLICE):
                if start:
                    await asyncio.sleep(0)
                end = min(start + _SLICE, first + _LINES_PER_REQUEST)
                lines += map(self._encoder.line, points[start:end])
            yield lines

    async def _make_room(self, better: EventPoint) -> None:
        """A write adds fields to those of the version that is stored: where that has more, it is deleted first."""
        if better.entity_id is None or better.domain is None:
            return  # only states come in several versions, and they have all four tags
        wanted = EventFilter(domain=better.domain, event_type=better.event_type)
        stored = await self._dialect.newest_events(wanted, better.time_ns, better.time_ns + 1, 1)
        for known in stored:
            if known.series_key == better.series_key and _shows_through(known, better):
                await self._dialect.delete_event(known.series_key, known.time_ns)


def _duplicates(points: Sequence[EventPoint], batch: Sorted, refused: set[int]) -> list[int]:
    """A better version of what is stored counts as one; where it was refused it is rejected, and no duplicate."""
    keys = [(point.series_key, point.time_ns) for point in points]
    written = set(batch.to_write) - set(batch.upgrades) - refused
    return [index for index in repeats(keys, (keys[index] for index in written)) if index not in refused]


def _shows_through(known: EventPoint, better: EventPoint) -> bool:
    """Whether the stored version has a field that the better one lacks."""
    weathers = known.weather or _NO_WEATHER, better.weather or _NO_WEATHER
    return any(_would_stay(known, better, name) for name in _OPTIONAL) or any(
        _would_stay(*weathers, name) for name in Weather.__struct_fields__
    )


def _would_stay(known: EventPoint | Weather, better: EventPoint | Weather, name: str) -> bool:
    """Whether a field of the stored version would show through; an empty text is stored as no field."""
    old, new = getattr(known, name), getattr(better, name)
    return old is not None and (new is None or (new == "" and old != ""))
