"""The series of events: a row for each set of tags, stored once."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from ha_ingestor_store.points import EventPoint, SeriesKey


class StoredSeries:
    """The ids of series, remembered from transaction to transaction; call `committed` after each commit."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._known: dict[SeriesKey, int] = {}
        self._with_unit: set[SeriesKey] = set()
        self._found = self._known
        self._found_with_unit: set[SeriesKey] = set()

    def ids(self, points: Sequence[EventPoint]) -> dict[SeriesKey, int]:
        """Return the ids of the points' series, and store the new ones."""
        missing = {p.series_key for p in points} - self._known.keys()
        self._found = self._known | {key: self._id(key) for key in missing} if missing else self._known
        self._note_units(points)
        return self._found

    def committed(self) -> None:
        """Remember the ids of the last transaction."""
        self._known = self._found
        self._with_unit |= self._found_with_unit

    def _id(self, key: SeriesKey) -> int:
        home, event_type, domain, entity_id = key
        group = (home, event_type, domain or "")
        execute = self._db.execute
        execute("INSERT OR IGNORE INTO groups (home, event_type, domain) VALUES (?, ?, ?)", group)
        (group_id,) = execute("SELECT id FROM groups WHERE (home, event_type, domain) = (?, ?, ?)", group).fetchone()
        series = (group_id, entity_id or "")
        execute("INSERT OR IGNORE INTO series (group_id, entity_id, has_unit) VALUES (?, ?, 0)", series)
        found: int = execute("SELECT id FROM series WHERE (group_id, entity_id) = (?, ?)", series).fetchone()[0]
        return found

    def _note_units(self, points: Sequence[EventPoint]) -> None:
        """Mark the series that have a unit for the first time; in the others no query searches for the newest unit."""
        fresh = {p.series_key for p in points if p.unit is not None} - self._with_unit
        ids = [(self._found[key],) for key in fresh]
        self._db.executemany("UPDATE series SET has_unit = 1 WHERE id = ? AND NOT has_unit", ids)
        self._found_with_unit = fresh
