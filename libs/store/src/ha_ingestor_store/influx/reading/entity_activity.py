"""Who was heard of when, from InfluxDB: the newest of all from days of rollups, since raw points of a year are slow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from itertools import chain

from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.influxql.selections import Part, with_length
from ha_ingestor_store.influx.rollups.progress import Progress, Span, plan_spans
from ha_ingestor_store.influx.schema import ENTITY_ROLLUPS, EVENTS, MAX_TIME_NS, MIN_TIME_NS
from ha_ingestor_store.renames import HomeEntity
from ha_ingestor_store.silent_entities import LastChange
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, TimeRange

_IDS_PER_QUESTION = 50


class InfluxSenses:
    """`EntityActivity` over a database."""

    def __init__(self, database: Database, progress: Callable[[], Awaitable[Progress]]) -> None:
        self._database = database
        self._progress = progress

    async def last_changes(self, start_ns: int, entity_ids: Collection[str] | None = None) -> list[LastChange]:
        """See EntityActivity.last_changes."""
        start_ns = max(start_ns, MIN_TIME_NS)
        if entity_ids is None:
            return list(await self._database.entity_heads(start_ns, MAX_TIME_NS))
        asked = [await self._database.entity_heads(start_ns, MAX_TIME_NS, ids) for ids in _chunks(entity_ids)]
        return list(chain.from_iterable(asked))

    async def long_unchanged(self, before_ns: int, limit: int, known: Collection[HomeEntity]) -> list[LastChange]:
        """See EntityActivity.long_unchanged: days of rollups tell who, and raw points of these alone tell when."""
        found: list[LastChange] = []
        days: dict[HomeEntity, int] = {}
        progress = await self._progress()
        for span in plan_spans(TimeRange(MIN_TIME_NS, before_ns), progress.events, (DAY_NS,)):
            if not span.grain_ns:
                found += await self._database.entity_heads(span.start_ns, span.end_ns)
                continue
            for day in await self._database.last_windows(_part(span)):
                key = (day.home, day.entity_id)
                days[key] = max(day.time_ns, days.get(key, day.time_ns))
        oldest_first = sorted(days.keys() - known, key=lambda key: (days[key], key))
        present = 0
        for ids in _chunks_in_order(entity_id for _, entity_id in oldest_first):
            heads = list(await self._database.entity_heads(MIN_TIME_NS, before_ns, ids))
            found += heads
            present += sum(not head.removed for head in heads)
            if present >= limit:
                break
        return found

    async def last_signs(self, start_ns: int) -> dict[HomeEntity, int]:
        """See EntityActivity.last_signs."""
        signs = await self._database.last_signs(max(start_ns, MIN_TIME_NS), MAX_TIME_NS)
        return {(sign.home, sign.entity_id): sign.number for sign in signs}

    async def changes(self, time_range: TimeRange) -> Counter[HomeEntity]:
        """See EntityActivity.changes."""
        spans = plan_spans(time_range, (await self._progress()).events, tuple(ENTITY_ROLLUPS))
        counts: Counter[HomeEntity] = Counter()
        for (home, entity_id), total in await self._database.counts(
            with_length(map(_part, spans)), ("home", "entity_id")
        ):
            if home and entity_id:
                counts[home, entity_id] += total
        return counts

    async def hours(self, entity_ids: Collection[str], time_range: TimeRange) -> list[tuple[HomeEntity, int]]:
        """See EntityActivity.hours."""
        start_ns = time_range.start_ns // HOUR_NS * HOUR_NS
        end_ns = -(-time_range.end_ns // HOUR_NS) * HOUR_NS
        spans = plan_spans(TimeRange(start_ns, end_ns), (await self._progress()).events, (HOUR_NS,))
        parts = with_length(map(_part, spans))
        found: list[tuple[HomeEntity, int]] = []
        for ids in _chunks(entity_ids):
            changed = await self._database.changed_windows(parts, ids, HOUR_NS)
            signs = await self._database.signs(ids, start_ns, end_ns)
            found += [((each.home, each.entity_id), each.time_ns // HOUR_NS) for each in chain(changed, signs)]
        return found


def _part(span: Span) -> Part:
    measurement = ENTITY_ROLLUPS[span.grain_ns] if span.grain_ns else EVENTS
    return Part(measurement, bool(span.grain_ns), max(span.start_ns, MIN_TIME_NS), min(span.end_ns, MAX_TIME_NS))


def _chunks(ids: Collection[str]) -> Iterator[Sequence[str]]:
    return _chunks_in_order(sorted(ids))


def _chunks_in_order(ids: Iterable[str]) -> Iterator[Sequence[str]]:
    ordered = list(dict.fromkeys(ids))
    for at in range(0, len(ordered), _IDS_PER_QUESTION):
        yield ordered[at : at + _IDS_PER_QUESTION]
