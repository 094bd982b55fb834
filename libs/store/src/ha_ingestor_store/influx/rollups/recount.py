"""Counts windows of raw points anew, on the server, and writes their rollups: a repeat overwrites itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from ha_ingestor_core.errors import StoreRefusedError, StoreUnavailableError

from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.influxql.selections import Part, part_of
from ha_ingestor_store.influx.queries.rows import WindowSums
from ha_ingestor_store.influx.rollups.live_counts import LiveCounts, Sums
from ha_ingestor_store.influx.schema import (
    COUNT,
    ENTITY_ROLLUPS,
    EVENT_ROLLUPS,
    EVENT_TAGS,
    EVENTS,
    GROUP_TAGS,
    INSTANCE_TAGS,
    MIN_TIME_NS,
    ROLLED_UP_METRICS,
    SECOND_NS,
    SERVICE_METRICS,
    SERVICE_ROLLUPS,
    Family,
)
from ha_ingestor_store.influx.writing.batch_writer import BatchWriter
from ha_ingestor_store.influx.writing.line_protocol import count_line
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS

_MOST_COUNTS = 10


class Source(NamedTuple):
    """A rollup, what it is summed from, by which tags, and which fields."""

    table: str
    part: Part
    by: tuple[str, ...]
    fields: tuple[str, ...]


class Recount:
    """Sums and writes windows; the caller knows that nobody else writes their rollups meanwhile.

    Windows that begin before `inherited_until_ns` may have rollups of another term.
    """

    def __init__(self, database: Database, writer: BatchWriter, inherited_until_ns: int = MIN_TIME_NS) -> None:
        self._database = database
        self._writer = writer
        self._inherited_until_ns = inherited_until_ns

    async def windows(self, family: Family, grain_ns: int, start_ns: int, end_ns: int) -> bool:
        """Count the windows of a range; return whether there is anything in it.

        Hours of services are counted until two counts agree: their instances write them, too.
        """
        lines = await self._lines(family, grain_ns, start_ns, end_ns)
        await self._write(lines, grain_ns)
        for _ in range(_MOST_COUNTS if family is Family.SERVICES and lines else 0):
            again = await self._lines(family, grain_ns, start_ns, end_ns)
            if again == lines:
                return True
            lines = again
            await self._write(lines, grain_ns)
        if family is Family.SERVICES and lines:
            raise StoreUnavailableError("hours of services change faster than they can be counted")
        return bool(lines)

    async def instance(self, service: str, instance: str, hour_ns: int) -> None:
        """Count an hour of one instance, then its day."""
        for grain_ns in (HOUR_NS, DAY_NS):
            start_ns = hour_ns // grain_ns * grain_ns
            (source,) = sources(Family.SERVICES, grain_ns, start_ns, start_ns + grain_ns)
            found = await self._sums(source.part, grain_ns, source)
            own = {key: sums for key, sums in found.items() if key[1] == (service, instance or None)}
            await self._write(_lines(source, own), grain_ns)

    async def known(self, grain_ns: int, start_ns: int, end_ns: int, live: LiveCounts) -> None:
        """Write windows of events whose counts are known."""
        (source, *_) = sources(Family.EVENTS, grain_ns, start_ns, end_ns)
        if grain_ns == HOUR_NS:
            entities = live.by_entity(start_ns, end_ns)
            groups = Source(EVENT_ROLLUPS[HOUR_NS], source.part, GROUP_TAGS, source.fields)
            lines = [*_lines(source, entities), *_lines(groups, _by_group(entities))]
        else:
            lines = _lines(source, live.by_group(grain_ns, start_ns, end_ns))
        await self._write(lines, grain_ns)

    async def _write(self, lines: list[str], grain_ns: int) -> None:
        """Raises StoreRefusedError if a line is refused."""
        refused = await self._writer.write(self._database.write_target(rollups=grain_ns != SECOND_NS), lines)
        if refused:
            raise StoreRefusedError(f"a rollup was refused: {refused[0].message}")

    async def _lines(self, family: Family, grain_ns: int, start_ns: int, end_ns: int) -> list[str]:
        lines: list[str] = []
        for source in sources(family, grain_ns, start_ns, end_ns):
            found = await self._sums(source.part, grain_ns, source)
            lines += _lines(source, await self._with_zeros(found, grain_ns, source))
            if source.table == ENTITY_ROLLUPS[HOUR_NS]:
                groups = Source(EVENT_ROLLUPS[HOUR_NS], source.part, GROUP_TAGS, source.fields)
                lines += _lines(groups, await self._with_zeros(_by_group(found), grain_ns, groups))
        return lines

    async def _with_zeros(self, found: Sums, grain_ns: int, source: Source) -> Sums:
        """What a predecessor rolled up and is not there any more is 0: a store that was restored has lost events."""
        if source.part.start_ns >= self._inherited_until_ns:
            return found
        rolled_up = part_of(source.table, source.part.start_ns, source.part.end_ns)
        known = await self._sums(rolled_up, grain_ns, source)
        zeros = {key: dict.fromkeys(sums, 0.0) for key, sums in known.items() if any(sums.values())}
        return found | {key: none | found.get(key, {}) for key, none in zeros.items()}

    async def _sums(self, part: Part, grain_ns: int, source: Source) -> Sums:
        rows: Iterable[WindowSums] = await self._database.window_sums(part, grain_ns, source.by, source.fields)
        return {(row.start_ns, row.tags): row.sums for row in rows if row.sums}


def sources(family: Family, grain_ns: int, start_ns: int, end_ns: int) -> list[Source]:
    """Return what rollups of a grain are summed from: days from hours, the others from raw points."""
    if family is Family.SERVICES:
        part = part_of(SERVICE_ROLLUPS[HOUR_NS] if grain_ns == DAY_NS else SERVICE_METRICS, start_ns, end_ns)
        return [Source(SERVICE_ROLLUPS[grain_ns], part, INSTANCE_TAGS, ROLLED_UP_METRICS)]
    if grain_ns == DAY_NS:
        return [
            Source(rollups[DAY_NS], part_of(rollups[HOUR_NS], start_ns, end_ns), by, (COUNT,))
            for rollups, by in ((EVENT_ROLLUPS, GROUP_TAGS), (ENTITY_ROLLUPS, EVENT_TAGS))
        ]
    raw = part_of(EVENTS, start_ns, end_ns)
    if grain_ns == HOUR_NS:
        return [Source(ENTITY_ROLLUPS[HOUR_NS], raw, EVENT_TAGS, (COUNT,))]
    return [Source(EVENT_ROLLUPS[grain_ns], raw, GROUP_TAGS, (COUNT,))]


def _by_group(found: Sums) -> Sums:
    """The sums of entities added up to those of their groups."""
    totals: dict[tuple[int, tuple[str | None, ...]], float] = defaultdict(float)
    for (start_ns, tags), sums in found.items():
        totals[start_ns, tags[: len(GROUP_TAGS)]] += sums[COUNT]
    return {key: {COUNT: total} for key, total in totals.items()}


def _lines(source: Source, sums: Sums) -> list[str]:
    return [
        count_line(source.table, dict(zip(source.by, tags, strict=True)), each, start_ns)
        for (start_ns, tags), each in sums.items()
    ]
