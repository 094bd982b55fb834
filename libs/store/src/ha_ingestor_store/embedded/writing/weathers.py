"""The weather of events: a row for each distinct weather, stored once."""

from __future__ import annotations

import sqlite3

import msgspec

from ha_ingestor_store.embedded.file.sql import max_id
from ha_ingestor_store.embedded.writing import statements
from ha_ingestor_store.points import Weather

_CACHE_LIMIT = 1_000


class StoredWeathers:
    """The ids of weathers, remembered from transaction to transaction; call `committed` after each commit."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._known: dict[Weather, int] = {}
        self._found = self._known

    def ids(self, needed: set[Weather]) -> dict[Weather, int]:
        """Return the ids of these weathers, and store the new ones."""
        self._found = self._find(needed)
        return self._found

    def committed(self) -> None:
        """Remember the ids of the last transaction."""
        self._known = self._found

    def _find(self, needed: set[Weather]) -> dict[Weather, int]:
        fresh = needed - self._known.keys()
        if not fresh:
            return self._known
        ids = {weather: at for at, weather in enumerate(fresh, max_id(self._db, "weathers") + 1)}
        rows = ((at, *msgspec.structs.astuple(weather)) for weather, at in ids.items())
        self._db.executemany(statements.insert_weather(), rows)
        if len(self._known) + len(ids) <= _CACHE_LIMIT:
            return self._known | ids
        return {weather: self._known[weather] for weather in needed & self._known.keys()} | ids
