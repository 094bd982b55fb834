"""Counting events: rollups for whole windows, raw points for the edges, so that every answer is exact."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable

from ha_ingestor_store import answers
from ha_ingestor_store.embedded.file.meta import CAPTURED_FROM, KEPT_FROM, value_of
from ha_ingestor_store.embedded.file.schema import ENTITY_ROLLUPS, EVENT_ROLLUPS
from ha_ingestor_store.embedded.file.sql import homes_condition
from ha_ingestor_store.embedded.reading import count_queries
from ha_ingestor_store.renames import HomeEntity, IdRange
from ha_ingestor_store.rollup_pieces import Piece, grains_within, plan_pieces, shorten_edges
from ha_ingestor_store.time_range import TimeRange, window_starts, within_64_bits


def event_count(db: sqlite3.Connection, time_range: TimeRange) -> answers.EventCount:
    """Return the number of events in the range; faster than `event_statistics`."""
    requested, time_range = time_range, _kept(db, time_range)
    pieces = _pieces(time_range, tuple(EVENT_ROLLUPS))
    return answers.EventCount(
        total=sum(piece.sign * _total(db, piece) for piece in pieces), coverage=_coverage(db, requested)
    )


def event_statistics(db: sqlite3.Connection, time_range: TimeRange) -> answers.EventStatistics:
    """Return the number of events in the range, by event type and by domain."""
    groups = {row[0]: row[1:] for row in db.execute("SELECT id, event_type, domain FROM groups")}
    by_event_type: Counter[str] = Counter()
    by_domain: Counter[str] = Counter()
    for group_id, count in _counts(db, count_queries.count_by_group, time_range, tuple(EVENT_ROLLUPS)).items():
        event_type, domain = groups[group_id]
        by_event_type[event_type] += count
        if domain:
            by_domain[domain] += count
    return answers.EventStatistics(
        total=by_event_type.total(),
        by_event_type=dict(by_event_type),
        by_domain=dict(by_domain),
        coverage=_coverage(db, time_range),
    )


def event_trend(db: sqlite3.Connection, time_range: TimeRange, window_ns: int) -> list[answers.TrendPoint]:
    """Return the number of events in each window (aligned to 1970), 0 in empty ones; their sum is the total."""
    counts: Counter[int] = Counter()
    for piece in _pieces(_kept(db, time_range), grains_within(EVENT_ROLLUPS, window_ns)):
        if piece.grain_ns:
            values = bounds(piece) | {"window": window_ns // piece.grain_ns}
            counts.update(dict(db.execute(count_queries.count_by_window(piece.grain_ns), values)))
            continue
        for start in window_starts(TimeRange(piece.start_ns, piece.end_ns), window_ns):  # one or two
            part = Piece(0, max(start, piece.start_ns), min(start + window_ns, piece.end_ns))
            counts[start // window_ns] += piece.sign * _total(db, part)
    return [
        answers.TrendPoint(start_ns=start, count=counts[start // window_ns])
        for start in window_starts(time_range, window_ns)
    ]


def count_by_entity(db: sqlite3.Connection, time_range: TimeRange) -> Counter[HomeEntity]:
    """Return the number of events of each entity, by home and entity id."""
    counts: Counter[HomeEntity] = Counter()
    rows = db.execute(
        "SELECT series.id, home, entity_id FROM series JOIN groups ON groups.id = group_id WHERE entity_id <> ''"
    )
    entities = {series: (home, entity_id) for series, home, entity_id in rows}
    for series, count in _counts(db, count_queries.count_by_series, time_range, tuple(ENTITY_ROLLUPS)).items():
        if count and series in entities:
            counts[entities[series]] += count
    return counts


def _total(db: sqlite3.Connection, piece: Piece) -> int:
    total: int = db.execute(count_queries.count_total(piece.grain_ns), bounds(piece)).fetchone()[0]
    return total


def _counts(
    db: sqlite3.Connection, query: Callable[[int], str], time_range: TimeRange, grains_ns: tuple[int, ...]
) -> Counter[int]:
    counts: Counter[int] = Counter()
    for piece in _pieces(_kept(db, time_range), grains_ns):
        for key, count in db.execute(query(piece.grain_ns), bounds(piece)):
            counts[key] += piece.sign * count
    return counts


def _kept(db: sqlite3.Connection, time_range: TimeRange) -> TimeRange:
    """Return the part of a range that is kept: older events may be deleted in part."""
    kept_from = value_of(db, KEPT_FROM)
    if kept_from is None or time_range.start_ns >= kept_from:
        return time_range
    return TimeRange(kept_from, max(kept_from, time_range.end_ns))


def _pieces(time_range: TimeRange, grains_ns: tuple[int, ...]) -> list[Piece]:
    pieces = plan_pieces(time_range, grains_ns)
    return shorten_edges(pieces, grains_ns[0]) if grains_ns else pieces


def bounds(piece: Piece) -> dict[str, int]:
    """Return `:start` and `:end` of a piece: nanoseconds, or numbers of buckets."""
    unit = piece.grain_ns or 1
    return {"start": within_64_bits(piece.start_ns) // unit, "end": within_64_bits(piece.end_ns) // unit}


def _coverage(db: sqlite3.Connection, time_range: TimeRange) -> answers.Coverage:
    captured_from = value_of(db, CAPTURED_FROM)
    if captured_from is None:
        return answers.Coverage(start_ns=None, complete=False)
    start_ns = max(captured_from, time_range.start_ns)
    return answers.Coverage(start_ns=start_ns, complete=captured_from <= time_range.start_ns)


def count_events_of_id(db: sqlite3.Connection, id_range: IdRange) -> int:
    """Return the number of events that name an id in one range of it."""
    homes, values = homes_condition(id_range.homes)
    rows = db.execute(
        "SELECT (SELECT count(*) FROM events WHERE series = series.id AND time_ns >= ? AND time_ns < ?) "
        f"FROM series JOIN groups ON groups.id = group_id WHERE entity_id = ?{homes}",
        (id_range.start_ns, id_range.end_ns, id_range.entity_id, *values),
    )
    return sum(row[0] for row in rows)
