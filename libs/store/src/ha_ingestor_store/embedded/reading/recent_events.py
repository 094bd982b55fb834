"""Recent events: a page of whole events that match a filter, newest first."""

from __future__ import annotations

import heapq
import json
import re
import sqlite3
from collections.abc import Iterable

from ha_ingestor_core.filters.globs import glob

from ha_ingestor_store import answers
from ha_ingestor_store.embedded.file.sql import homes_condition
from ha_ingestor_store.embedded.reading import event_queries
from ha_ingestor_store.embedded.reading.event_rows import event_point
from ha_ingestor_store.points import newest_first, tags_order
from ha_ingestor_store.questions import EventCursor, RecentEvents


def recent_events(db: sqlite3.Connection, question: RecentEvents) -> answers.EventPage:
    """Return events, newest first.

    Without a filter the time index is read. With one, the newest `limit` events can only be of the `limit` series with
    the newest events: so a rare event is found without reading all others. For an area it is unknown which series have
    events in it, so the time index is read until enough are found, at worst to the start of the range.
    """
    time_range = question.time_range
    end_ns = time_range.end_ns
    if question.cursor:  # events of the cursor's nanosecond may follow it in the order of the tags
        end_ns = min(end_ns, question.cursor.time_ns + 1)
    wanted = question.limit + 1
    same_time = _same_time(db, question.cursor) if question.cursor else 0
    if question.area is not None:
        keys = _newest_of_area(db, question, time_range.start_ns, end_ns, wanted + same_time)
    elif question.entity_id is None and question.domain is None and question.event_type is None:
        keys = _newest(db, "true", (), time_range.start_ns, end_ns, wanted + same_time)
    else:
        keys = _newest_of_series(db, _matching_series(db, question), time_range.start_ns, end_ns, wanted + same_time)
    rows = db.execute(event_queries.events_where(f"events.id IN ({','.join('?' * len(keys))})"), [k[1] for k in keys])
    found = sorted(map(event_point, rows), key=newest_first)
    if question.cursor:
        after = (-question.cursor.time_ns, tags_order(question.cursor.series))
        found = [point for point in found if newest_first(point) > after]
    page = found[: question.limit]
    more = len(found) > question.limit
    cursor = EventCursor(time_ns=page[-1].time_ns, series=page[-1].series_key) if more else None
    return answers.EventPage(events=page, next_cursor=cursor)


def _matching_series(db: sqlite3.Connection, question: RecentEvents) -> list[int]:
    wanted = _glob(question.entity_id)
    homes, values = homes_condition(question.homes)
    rows = db.execute(
        "SELECT series.id, entity_id FROM series JOIN groups ON groups.id = group_id "
        f"WHERE (?1 IS NULL OR domain = ?1) AND (?2 IS NULL OR event_type = ?2){homes}",
        (question.domain, question.event_type, *values),
    )
    return [series for series, entity_id in rows if wanted is None or (entity_id and wanted.fullmatch(entity_id))]


def _glob(pattern: str | None) -> re.Pattern[str] | None:
    return None if pattern is None else glob(pattern)


def _same_time(db: sqlite3.Connection, cursor: EventCursor) -> int:
    """Return the number of events at the cursor's nanosecond, which may have to be skipped."""
    found: int = db.execute("SELECT count(*) FROM events WHERE time_ns = ?", (cursor.time_ns,)).fetchone()[0]
    return found


def _newest_of_area(
    db: sqlite3.Connection, question: RecentEvents, start_ns: int, end_ns: int, limit: int
) -> list[tuple[int, int]]:
    facts = [row[0] for row in db.execute("SELECT id FROM facts WHERE area = ?", (question.area,))]
    series = _matching_series(db, question) if facts else []
    if not series:
        return []
    lists = (json.dumps(facts), json.dumps(series))
    return _newest(db, event_queries.IN_TWO_LISTS, lists, start_ns, end_ns, limit)


def _newest_of_series(
    db: sqlite3.Connection, series: Iterable[int], start_ns: int, end_ns: int, limit: int
) -> list[tuple[int, int]]:
    newest = [
        (row[0][0], number) for number in series if (row := _newest(db, "series = ?", (number,), start_ns, end_ns, 1))
    ]
    if len(newest) > limit:
        start_ns = heapq.nlargest(limit, newest)[-1][0]  # at least `limit` events are as new as this
        newest = [each for each in newest if each[0] >= start_ns]
    keys = [key for _, number in newest for key in _newest(db, "series = ?", (number,), start_ns, end_ns, limit)]
    if len(keys) <= limit:
        return keys
    threshold = heapq.nlargest(limit, keys)[-1][0]
    return [key for key in keys if key[0] >= threshold]


def _newest(
    db: sqlite3.Connection, condition: str, values: tuple[int | str, ...], start_ns: int, end_ns: int, limit: int
) -> list[tuple[int, int]]:
    """Return (time, id) of the newest events, with all at the nanosecond of the last one."""
    rows = db.execute(event_queries.newest_events(condition), (*values, start_ns, end_ns, limit)).fetchall()
    if len(rows) == limit:
        last = rows[-1][0]
        rows = [row for row in rows if row[0] > last]
        rows += db.execute(event_queries.events_at(condition), (*values, last)).fetchall()
    return rows
