"""Which events the store holds already: InfluxDB can't tell whether a write was new, so it is known before.

An event newer than the newest of its series is new; these newest are kept in memory, so that the live stream asks
nothing. Only what comes late, twice or from history is looked up.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from ha_ingestor_core.clock import Clock
from ha_ingestor_core.events import OriginKind
from msgspec import Struct

from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.queries.rows import Head
from ha_ingestor_store.influx.reading.oldest import slices_until
from ha_ingestor_store.points import EventPoint, SeriesKey
from ha_ingestor_store.time_range import HOUR_NS

EventKey = tuple[SeriesKey, int]

_ENTITIES_PER_QUERY = 50
_MOST_IN_DOUBT = 200_000


class Sorted(Struct, frozen=True):
    """A batch sorted by what is to be done with it: indices of the events to write, and how many are repeats.

    `upgrades` are among `to_write`: their key is stored with a lower rank, which the new version replaces. `replacing`
    are the upgrades and those of which another version may still arrive.
    """

    to_write: list[int]
    upgrades: list[int]
    duplicates: int
    replacing: frozenset[int] = frozenset()


class EventKeys:
    """The keys of a store that one process writes."""

    def __init__(self, language: Database, clock: Clock) -> None:
        self._database = language
        self._clock = clock
        self._heads: dict[SeriesKey, tuple[int, OriginKind]] | None = None
        self._in_doubt: dict[EventKey, OriginKind] = {}
        self._loading = asyncio.Lock()

    async def sort(self, points: Sequence[EventPoint]) -> Sorted:
        """What of a batch is new, better than what is stored, or a repeat; raises what the store raises."""
        heads = await self._load()
        if _all_newer(points, heads) and not self._are_in_doubt(points):
            return Sorted(list(range(len(points))), [], 0)
        best = best_versions(points)
        kinds: dict[EventKey, OriginKind] = {}
        unsure: list[EventKey] = []
        for key in best:
            head = heads.get(key[0])
            if head is None or key[1] > head[0]:
                continue
            if key[1] == head[0]:
                kinds[key] = head[1]
            else:
                unsure.append(key)
        kinds |= await self._look(unsure)
        to_write: list[int] = []
        upgrades: list[int] = []
        replacing: set[int] = set()
        repeats = len(points) - len(best)
        for key, index in best.items():
            known, rank = kinds.get(key), points[index].origin_kind.rank
            if known is None or (key in self._in_doubt and rank == known.rank):
                to_write.append(index)
                if self._in_doubt.get(key, points[index].origin_kind) is not points[index].origin_kind:
                    replacing.add(index)
                continue
            repeats += 1
            if rank > known.rank:
                to_write.append(index)
                upgrades.append(index)
        return Sorted(to_write, upgrades, repeats, frozenset({*upgrades, *replacing}))

    def written(self, points: Iterable[EventPoint]) -> None:
        """Remember what the store has taken."""
        heads = self._heads if self._heads is not None else {}
        for point in points:
            series = (point.home, point.event_type, point.domain, point.entity_id)
            head = heads.get(series)
            if head is None or point.time_ns >= head[0]:
                heads[series] = (point.time_ns, point.origin_kind)
            if self._in_doubt:
                self._in_doubt.pop((series, point.time_ns), None)

    def failed(self, points: Iterable[EventPoint]) -> None:
        """Remember what may have been taken: when it comes again, it is no repeat of anybody else's."""
        if len(self._in_doubt) < _MOST_IN_DOUBT:
            self._in_doubt |= {(point.series_key, point.time_ns): point.origin_kind for point in points}

    def _are_in_doubt(self, points: Iterable[EventPoint]) -> bool:
        return bool(self._in_doubt) and any((point.series_key, point.time_ns) in self._in_doubt for point in points)

    async def _load(self) -> dict[SeriesKey, tuple[int, OriginKind]]:
        async with self._loading:
            if self._heads is None:
                heads: dict[SeriesKey, tuple[int, OriginKind]] = {}
                for start_ns, end_ns in slices_until(self._clock.now_ns()):
                    found = await self._database.heads(start_ns, end_ns)
                    heads |= {head.series: (head.time_ns, head.kind) for head in found}
                self._heads = heads
            return self._heads

    async def _look(self, keys: Iterable[EventKey]) -> dict[EventKey, OriginKind]:
        by_hour: dict[int, list[EventKey]] = defaultdict(list)
        for key in keys:
            by_hour[key[1] // HOUR_NS].append(key)
        found: dict[EventKey, OriginKind] = {}
        for wanted in by_hour.values():
            times = [time_ns for _, time_ns in wanted]
            heads = await self._database.keys(_entities(wanted), min(times), max(times) + 1)
            found |= _kinds(heads, set(wanted))
        return found


def _all_newer(points: Iterable[EventPoint], heads: Mapping[SeriesKey, tuple[int, OriginKind]]) -> bool:
    """Whether every event is newer than all before it in its series, here and in the store: as a live stream is."""
    newest: dict[SeriesKey, int] = {}
    for point in points:
        series = (point.home, point.event_type, point.domain, point.entity_id)
        known = newest.get(series)
        if known is None:
            head = heads.get(series)
            known = head[0] if head else None
        if known is not None and point.time_ns <= known:
            return False
        newest[series] = point.time_ns
    return True


def best_versions(points: Sequence[EventPoint]) -> dict[EventKey, int]:
    """The index of the best version of every key: the highest rank, of equal ones the first."""
    best: dict[EventKey, int] = {}
    for index, point in enumerate(points):
        key = (point.series_key, point.time_ns)
        known = best.setdefault(key, index)
        if known != index and point.origin_kind.rank > points[known].origin_kind.rank:
            best[key] = index
    return best


def _entities(keys: Iterable[EventKey]) -> list[str] | None:
    """The entities to ask for; None asks for all, where there are many or some events have none."""
    entities = {series[3] for series, _ in keys}
    if len(entities) > _ENTITIES_PER_QUERY or None in entities:
        return None
    return sorted(entity for entity in entities if entity)


def _kinds(heads: Iterable[Head], wanted: set[EventKey]) -> dict[EventKey, OriginKind]:
    return {(head.series, head.time_ns): head.kind for head in heads if (head.series, head.time_ns) in wanted}
