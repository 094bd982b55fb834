"""How long the embedded store keeps data, and deleting expired data in steps that are short enough for the writer."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

from msgspec import Struct

from ha_ingestor_store.embedded.file.meta import CAPTURED_FROM, KEPT_FROM, SERVICE_METRICS_FROM, value_of
from ha_ingestor_store.embedded.file.schema import ENTITY_ROLLUPS, EVENT_ROLLUPS
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS

_EVENTS_PER_STEP = 1_000
_REPORTS_PER_STEP_NS = 6 * HOUR_NS
_BUCKETS_PER_STEP = {MINUTE_NS: 240, HOUR_NS: 4, DAY_NS: 1}


class Retention(Struct, frozen=True):
    """Days that events and reports of the services are kept (0: forever); hours and days of reports are always kept.

    Retention starts at a day, in UTC, so that every rollup is kept or deleted as a whole.
    """

    event_days: int = 0
    report_days: int = 14

    def events_from_ns(self, now_ns: int) -> int | None:
        """Return the time before which events have expired; None if they never expire."""
        return _days_before(now_ns, self.event_days)

    def reports_from_ns(self, now_ns: int) -> int | None:
        """Return the time before which only the hours of reports are kept; None if all reports are."""
        return _days_before(now_ns, self.report_days)


KEEP_EVERYTHING = Retention(report_days=0)


def home_time_ns(db: sqlite3.Connection, now_ns: int) -> int:
    """Return the time by which events expire: this machine's, but at most a day after the newest event.

    Otherwise a clock that is a year ahead would expire everything at once.
    """
    newest: int | None = db.execute("SELECT max(time_ns) FROM events").fetchone()[0]
    return now_ns if newest is None else min(now_ns, newest + DAY_NS)


def delete_expired(db: sqlite3.Connection, retention: Retention, now_ns: int) -> int:
    """Delete a part of the expired rows in the current transaction; return their number, 0 when none is left.

    The time from which events are kept is stored first, and queries read nothing before it: they never count a day of
    which a part is deleted.
    """
    home_ns = home_time_ns(db, now_ns)
    events_from, reports_from = retention.events_from_ns(home_ns), retention.reports_from_ns(now_ns)
    if events_from is not None and _raise(db, KEPT_FROM, events_from, now_ns):
        db.execute("UPDATE meta SET value = max(value, ?) WHERE key = ?", (events_from, CAPTURED_FROM))
    if reports_from is not None:
        _raise(db, SERVICE_METRICS_FROM, reports_from, now_ns)
    return next((deleted for step in _steps(events_from, reports_from) if (deleted := step(db))), 0)


Step = Callable[[sqlite3.Connection], int]


def _days_before(now_ns: int, days: int) -> int | None:
    return (now_ns // DAY_NS - days) * DAY_NS if days else None


def _raise(db: sqlite3.Connection, key: str, value: int, now_ns: int) -> bool:
    """Store a later time; return whether it changed. An earlier time replaces only one that is in the future.

    Otherwise a clock that was years ahead for a minute would hide all events until then.
    """
    before = value_of(db, key)
    if before is not None and value <= before <= now_ns:
        return False
    db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))
    return True


def _steps(events_from: int | None, reports_from: int | None) -> Iterator[Step]:
    if events_from is not None:
        yield _rows("events INDEXED BY events_by_time", "id", "time_ns", events_from)
        yield _rows("rejected_events", "rowid", "time_ns", events_from)
        for rollups in (EVENT_ROLLUPS, ENTITY_ROLLUPS):
            for grain_ns, table in rollups.items():
                yield _buckets(table, "bucket", events_from // grain_ns, _BUCKETS_PER_STEP[grain_ns])
        yield _buckets("weather_observations", "time_ns", events_from, DAY_NS)
        yield _gaps(events_from)
    if reports_from is not None:
        yield _buckets("service_metrics", "time_ns", reports_from, _REPORTS_PER_STEP_NS, of="service")


def _rows(table: str, key: str, column: str, before: int) -> Step:
    """Return a step that deletes the oldest rows of a table by their key."""
    name = table.split()[0]
    oldest = f"SELECT {key} FROM {table} WHERE {column} < ? ORDER BY {column} LIMIT {_EVENTS_PER_STEP}"
    return lambda db: db.execute(f"DELETE FROM {name} WHERE {key} IN ({oldest})", (before,)).rowcount


def _gaps(before: int) -> Step:
    """Return a step that deletes all gaps that have ended: they are few."""
    return lambda db: db.execute("DELETE FROM gaps WHERE start_ns < ? AND end_ns < ?", (before, before)).rowcount


def _buckets(table: str, column: str, before: int, width: int, of: str = "") -> Step:
    """Return a step that deletes the oldest `width` of a table whose key is a time, or `of` and a time, and more."""

    def step(db: sqlite3.Connection) -> int:
        deleted = 0
        for part, oldest in _oldest(db, table, column, of):
            until = min(before, oldest + width)
            condition = f"{column} >= ? AND {column} < ?" + (f" AND {of} = ?" if of else "")
            values = (oldest, until, part) if of else (oldest, until)
            deleted += db.execute(f"DELETE FROM {table} WHERE {condition}", values).rowcount
        return deleted

    return step


def _oldest(db: sqlite3.Connection, table: str, column: str, of: str) -> list[tuple[str, int]]:
    if not of:
        oldest = db.execute(f"SELECT min({column}) FROM {table}").fetchone()[0]
        return [] if oldest is None else [("", oldest)]
    parts = db.execute(
        f"WITH RECURSIVE parts(part) AS (SELECT min({of}) FROM {table} UNION ALL "
        f"SELECT (SELECT min({of}) FROM {table} WHERE {of} > part) FROM parts WHERE part IS NOT NULL) "
        f"SELECT part, (SELECT min({column}) FROM {table} WHERE {of} = part) FROM parts WHERE part IS NOT NULL"
    )
    return parts.fetchall()
