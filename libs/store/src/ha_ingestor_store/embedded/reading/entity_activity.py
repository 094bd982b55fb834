"""When entities changed or gave signs of life: the queries from which silence is computed."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from ha_ingestor_core.events import STATE_CHANGED

from ha_ingestor_store.embedded.file.sql import placeholders
from ha_ingestor_store.embedded.reading import event_queries
from ha_ingestor_store.embedded.reading.event_counts import count_by_entity
from ha_ingestor_store.renames import HomeEntity
from ha_ingestor_store.silent_entities import LastChange
from ha_ingestor_store.time_range import HOUR_NS, TimeRange

_IDS_PER_STATEMENT = 500


def last_changes(db: sqlite3.Connection, start_ns: int, entity_ids: Collection[str] | None = None) -> list[LastChange]:
    """Return the newest state change since `start_ns` of these or all entities, once for each of their series."""
    if entity_ids is None:
        return _last_changes(db, "time_ns >= ?", (start_ns,))
    return [
        change
        for ids in _chunks(entity_ids)
        for change in _last_changes(db, "time_ns >= ?", (start_ns,), f"entity_id IN ({placeholders(len(ids))})", ids)
    ]


def long_unchanged(
    db: sqlite3.Connection, before_ns: int, limit: int, known: Collection[HomeEntity]
) -> list[LastChange]:
    """Return the newest state change of every entity unchanged since `before_ns`, with a seek for each."""
    return _last_changes(db, "time_ns < ?", (before_ns,))


def last_signs(db: sqlite3.Connection, start_ns: int) -> dict[HomeEntity, int]:
    """Return the newest sign of life since `start_ns` of every entity."""
    rows = db.execute(
        "SELECT home, entity_id, max(seen_ns) FROM (SELECT series.group_id, entity_id, (SELECT seen_ns FROM alive "
        "WHERE series = series.id ORDER BY hour DESC LIMIT 1) AS seen_ns FROM series) "
        "JOIN groups ON groups.id = group_id WHERE seen_ns >= ? GROUP BY home, entity_id",
        (start_ns,),
    )
    return {(home, entity_id): seen_ns for home, entity_id, seen_ns in rows}


def changes(db: sqlite3.Connection, time_range: TimeRange) -> Counter[HomeEntity]:
    """Return the number of events of each entity, at least as many as it has state changes."""
    return count_by_entity(db, time_range)


def hours(db: sqlite3.Connection, entity_ids: Collection[str], time_range: TimeRange) -> list[tuple[HomeEntity, int]]:
    """Return the hours since 1970 in which these entities changed or gave a sign of life."""
    start, end = time_range.start_ns // HOUR_NS, -(-time_range.end_ns // HOUR_NS)
    bounds = (start * HOUR_NS, end * HOUR_NS, start, end)
    return [
        ((home, entity_id), hour)
        for ids in _chunks(entity_ids)
        for home, entity_id, hour in db.execute(event_queries.hours(len(ids)), (STATE_CHANGED, *ids, *bounds))
    ]


def _last_changes(
    db: sqlite3.Connection, time: str, times: tuple[int, ...], entity: str = "true", ids: Collection[str] = ()
) -> list[LastChange]:
    rows = db.execute(
        "SELECT home, entity_id, time_ns, removed FROM (SELECT group_id, entity_id, (SELECT id FROM events "
        "WHERE series = series.id ORDER BY time_ns DESC LIMIT 1) AS last FROM series) "
        f"JOIN groups ON groups.id = group_id JOIN events ON events.id = last WHERE event_type = ? AND {entity} "
        f"AND {time}",
        (STATE_CHANGED, *ids, *times),
    )
    return [LastChange(home, entity_id, time_ns, bool(removed)) for home, entity_id, time_ns, removed in rows]


def _chunks(ids: Iterable[str]) -> Iterator[list[str]]:
    iterator = iter(sorted(ids))
    while chunk := list(islice(iterator, _IDS_PER_STATEMENT)):
        yield chunk
