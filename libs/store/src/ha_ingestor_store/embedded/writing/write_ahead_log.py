"""The write-ahead log beside the file: restarted when it is long."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

from ha_ingestor_store.embedded.file.connection import BUSY_TIMEOUT_S

LIMIT_BYTES = 64 * 1024 * 1024
_READERS_TIMEOUT_MS = 500


class WriteAheadLog:
    """Keeps the log short; SQLite's own checkpoints never wait, so while queries overlap the log only grows."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._path = Path(f"{db.execute('PRAGMA database_list').fetchone()[2]}-wal")
        self._limit = LIMIT_BYTES

    def keep_short(self) -> None:
        """Restart the log when it is long, which waits up to half a second for running queries.

        What was written is already durable, so a failure here is ignored; the next attempt is when the log has doubled.
        """
        size = self._path.stat().st_size if self._path.exists() else 0
        if size < self._limit:
            return
        self._limit = 2 * size
        with suppress(sqlite3.Error):
            self._db.execute(f"PRAGMA busy_timeout = {_READERS_TIMEOUT_MS}")
            is_busy = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            if not is_busy:
                self._limit = LIMIT_BYTES
        self._db.execute(f"PRAGMA busy_timeout = {round(BUSY_TIMEOUT_S * 1000)}")
