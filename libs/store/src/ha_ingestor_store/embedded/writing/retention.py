"""What the embedded store keeps for how long, and deleting what is older in steps that stop no writer for long."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

from msgspec import Struct

from ha_ingestor_store.embedded.file.meta import CAPTURED_FROM, KEPT_FROM, SERVICE_METRICS_FROM, value_of
from ha_ingestor_store.embedded.file.schema import ENTITY_ROLLUPS, EVENT_ROLLUPS
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS

_EVENTS_A_STEP = 1_000
_REPORTS_A_STEP_NS = 6 * HOUR_NS
_BUCKETS_A_STEP = {MINUTE_NS: 240, HOUR_NS: 4, DAY_NS: 1}


class Retention(Struct, frozen=True):
    """Days that events and reports of the services are kept, 0: for ever; the hours and days of reports always are.

    What is kept begins with a day, in UTC, so that no rollup counts half of its events.
    """

    event_days: int = 0
    report_days: int = 14

    def events_from_ns(self, now_ns: int) -> int | None:
        """The time before which events have expired; None where they never do."""
        return _days_before(now_ns, self.event_days)

    def reports_from_ns(self, now_ns: int) -> int | None:
        """The time before which only the hours of reports are kept; None where all are."""
        return _days_before(now_ns, self.report_days)


KEEP_EVERYTHING = Retention(report_days=0)


def home_time_ns(db: sqlite3.Connection, now_ns: int) -> int:
    """Return the time by which events expire: our clock's, but no later than a day after the newest event.

    With our clock a year ahead, all that is stored would expire at once.
    """
    newest: int | None = db.execute("SELECT max(time_ns) FROM events").fetchone()[0]
    return now_ns if newest is None else min(now_ns, newest + DAY_NS)


def delete_expired(db: sqlite3.Connection, retention: Retention, now_ns: int) -> int:
    """Delete a part of what has expired, in the transaction that runs: so many rows, 0 when there is nothing left.

    Where events are kept from is written down first, and questions look no further back: a part that is deleted by half
    is never counted.
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
    """Write down a time that goes back only where it is still to come; whether it has changed.

    A clock that was years ahead for a minute would else leave a mark before which nothing counts until then.
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
                yield _buckets(table, "bucket", events_from // grain_ns, _BUCKETS_A_STEP[grain_ns])
        yield _buckets("weather_observations", "time_ns", events_from, DAY_NS)
        yield _gaps(events_from)
    if reports_from is not None:
        yield _buckets("service_metrics", "time_ns", reports_from, _REPORTS_A_STEP_NS, of="service")


def _rows(table: str, key: str, column: str, before: int) -> Step:
    """The oldest rows of a table by their number."""
    name = table.split()[0]
    oldest = f"SELECT {key} FROM {table} WHERE {column} < ? ORDER BY {column} LIMIT {_EVENTS_A_STEP}"
    return lambda db: db.execute(f"DELETE FROM {name} WHERE {key} IN ({oldest})", (before,)).rowcount


def _gaps(before: int) -> Step:
    """Those that have ended; all at once, as they are few."""
    return lambda db: db.execute("DELETE FROM gaps WHERE start_ns < ? AND end_ns < ?", (before, before)).rowcount


def _buckets(table: str, column: str, before: int, width: int, of: str = "") -> Step:
    """The oldest rows of a table whose key begins with a time (or with that of each `of`), `width` of it at once."""

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
