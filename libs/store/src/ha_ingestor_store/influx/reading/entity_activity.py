"""When each entity was active, from InfluxDB: over long times from days of rollups, since raw points are slow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from itertools import chain

from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.reading.parts import entity_parts
from ha_ingestor_store.influx.rollups.progress import Progress
from ha_ingestor_store.influx.schema import MAX_TIME_NS, MIN_TIME_NS
from ha_ingestor_store.renames import HomeEntity
from ha_ingestor_store.silent_entities import LastChange
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, TimeRange

_IDS_PER_QUESTION = 50


class InfluxEntityActivity:
    """`EntityActivity` over a database."""

    def __init__(self, database: Database, progress: Callable[[], Awaitable[Progress]]) -> None:
        self._database = database
        self._progress = progress

    async def last_changes(self, start_ns: int, entity_ids: Collection[str] | None = None) -> list[LastChange]:
        """Return the newest change of each entity, or of these, since a time."""
        start_ns = max(start_ns, MIN_TIME_NS)
        if entity_ids is None:
            return list(await self._database.entity_heads(start_ns, MAX_TIME_NS))
        asked = [await self._database.entity_heads(start_ns, MAX_TIME_NS, ids) for ids in _chunks(entity_ids)]
        return list(chain.from_iterable(asked))

    async def long_unchanged(self, before_ns: int, limit: int, known: Collection[HomeEntity]) -> list[LastChange]:
        """Return the entities unchanged for longest: days of rollups say who, raw points of these alone say when."""
        found: list[LastChange] = []
        days: dict[HomeEntity, int] = {}
        for part in entity_parts(TimeRange(MIN_TIME_NS, before_ns), await self._progress(), (DAY_NS,)):
            if not part.is_rollup:
                found += await self._database.entity_heads(part.start_ns, part.end_ns)
                continue
            for day in await self._database.last_windows(part):
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
        """Return the newest sign of life of each entity since a time."""
        signs = await self._database.last_signs(max(start_ns, MIN_TIME_NS), MAX_TIME_NS)
        return {(sign.home, sign.entity_id): sign.number for sign in signs}

    async def changes(self, time_range: TimeRange) -> Counter[HomeEntity]:
        """Return how many events each entity has in a range."""
        parts = entity_parts(time_range, await self._progress())
        counts: Counter[HomeEntity] = Counter()
        for (home, entity_id), total in await self._database.counts(parts, ("home", "entity_id")):
            if home and entity_id:
                counts[home, entity_id] += total
        return counts

    async def hours(self, entity_ids: Collection[str], time_range: TimeRange) -> list[tuple[HomeEntity, int]]:
        """Return the hours of a range in which these entities changed or gave a sign of life."""
        start_ns = time_range.start_ns // HOUR_NS * HOUR_NS
        end_ns = -(-time_range.end_ns // HOUR_NS) * HOUR_NS
        parts = entity_parts(TimeRange(start_ns, end_ns), await self._progress(), (HOUR_NS,))
        found: list[tuple[HomeEntity, int]] = []
        for ids in _chunks(entity_ids):
            changed = await self._database.changed_windows(parts, ids, HOUR_NS)
            signs = await self._database.signs(ids, start_ns, end_ns)
            found += [((each.home, each.entity_id), each.time_ns // HOUR_NS) for each in chain(changed, signs)]
        return found


def _chunks(ids: Collection[str]) -> Iterator[Sequence[str]]:
    return _chunks_in_order(sorted(ids))


def _chunks_in_order(ids: Iterable[str]) -> Iterator[Sequence[str]]:
    ordered = list(dict.fromkeys(ids))
    for at in range(0, len(ordered), _IDS_PER_QUESTION):
        yield ordered[at : at + _IDS_PER_QUESTION]
