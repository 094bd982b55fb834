"""Events read from InfluxDB: whole events, counts of them, states, the newest of every series."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ha_ingestor_core.events import OriginKind

from ha_ingestor_store.answers import HistoryPoint, KnownEntity
from ha_ingestor_store.influx.influxql.client import Ask, Row
from ha_ingestor_store.influx.influxql.event_queries import EventQueries
from ha_ingestor_store.influx.influxql.selections import Entity, EventFilter
from ha_ingestor_store.influx.reading.records import event_point, history_point, known_entity, series_key
from ha_ingestor_store.influx.reading.rows import Head
from ha_ingestor_store.influx.reading.time_slices import slices_back
from ha_ingestor_store.influx.schema import COUNT
from ha_ingestor_store.influx.tags import decode_tag
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.questions import Homes
from ha_ingestor_store.silent_entities import LastChange
from ha_ingestor_store.time_range import HOUR_NS

_ALL = 1_000_000_000


class EventReader:
    """Reads events, a round trip each. All raise StoreUnavailableError and StoreRefusedError."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._events = EventQueries()

    async def newest_events(self, wanted: EventFilter, start_ns: int, end_ns: int, limit: int) -> list[EventPoint]:
        """Return at least the newest `limit` events of a range and all of the last one's nanosecond, in any order.

        First whose they are, and then these alone: the server opens every field of every series that it is asked for,
        0.3 s for 2,000 entities, 25 ms for 100.
        """
        whose: list[Row] = []
        for start, end in slices_back(start_ns, end_ns, HOUR_NS):  # over a year at once it opens every shard of it
            whose += await self._ask(self._events.whose(wanted, start, end, limit - len(whose)))
            if len(whose) >= limit:
                break
        if not whose:
            return []
        last_ns = whose[-1].time_ns
        whose += await self._ask(self._events.whose(wanted, last_ns, last_ns + 1, _ALL))
        entity_ids = sorted({decode_tag(row.values["entity_id"] or "") for row in whose})
        rows = await self._ask(self._events.events(wanted, last_ns, end_ns, entity_ids))
        return [event_point(row.values, row.time_ns) for row in rows]

    async def events_at(self, wanted: EventFilter, time_ns: int) -> int:
        """Return how many events there are in one nanosecond."""
        return (await self.event_counts(wanted, [(time_ns, time_ns + 1)]))[0]

    async def event_counts(self, wanted: EventFilter, ranges: Sequence[tuple[int, int]]) -> list[int]:
        """Return how many events each of some ranges holds."""
        counts = [0] * len(ranges)
        for row in await self._ask(self._events.count_events(wanted, ranges)):
            counts[row.statement] += row.values[COUNT]
        return counts

    async def states(self, entity: Entity, start_ns: int, end_ns: int, limit: int) -> list[HistoryPoint]:
        """Return at most `limit` states of an entity, oldest first."""
        rows = await self._ask(self._events.states(entity, start_ns, end_ns, limit))
        return [history_point(row.values, row.time_ns) for row in rows]

    async def last_state(self, entity: Entity, start_ns: int, end_ns: int) -> HistoryPoint | None:
        """Return the newest state of an entity in a range."""
        rows = await self._ask(self._events.states(entity, start_ns, end_ns, 1, newest_first=True))
        return next((history_point(row.values, row.time_ns) for row in rows), None)

    async def last_unit(self, entity: Entity, start_ns: int, end_ns: int) -> str | None:
        """Return the newest unit of an entity in a range."""
        rows = await self._ask(self._events.last_unit(entity, start_ns, end_ns))
        return next((row.values["unit"] for row in rows), None)

    async def known_entities(
        self, entity_id: str | None, homes: Homes, start_ns: int, end_ns: int
    ) -> Iterable[KnownEntity]:
        """Return the newest state change in a range of one entity or (None) of all."""
        rows = await self._ask(self._events.known_entities(entity_id, homes, start_ns, end_ns))
        return [known_entity(row.values, *entity_of(row), row.time_ns) for row in rows if row.tags["entity_id"]]

    async def heads(self, start_ns: int, end_ns: int) -> Iterable[Head]:
        """Return the newest event of every series in a range."""
        return _heads(await self._ask(self._events.heads(start_ns, end_ns)))

    async def keys(self, entity_ids: Sequence[str] | None, start_ns: int, end_ns: int) -> Iterable[Head]:
        """Return the events of a range, of these entities or (None) of all."""
        return _heads(await self._ask(self._events.keys(entity_ids, start_ns, end_ns)))

    async def entity_heads(
        self, start_ns: int, end_ns: int, entity_ids: Sequence[str] | None = None
    ) -> Iterable[LastChange]:
        """Return the newest state change in a range of these entities or (None) of all."""
        rows = await self._ask(self._events.entity_heads(start_ns, end_ns, entity_ids))
        return [
            LastChange(*entity_of(row), row.time_ns, row.values["removed"]) for row in rows if row.tags["entity_id"]
        ]

    async def ping(self) -> None:
        """Return when a query is answered."""
        await self._ask(self._events.nothing())


def entity_of(row: Row) -> tuple[str, str]:
    """Return the home and the entity of a row that is grouped by them."""
    return decode_tag(row.tags["home"]), decode_tag(row.tags["entity_id"])


def _heads(rows: Iterable[Row]) -> Iterator[Head]:
    for row in rows:
        yield Head(series_key(row.tags), row.time_ns, OriginKind(row.values["kind"]))
