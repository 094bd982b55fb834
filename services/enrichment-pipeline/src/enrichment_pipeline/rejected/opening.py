"""Opens the file of rejected events: a damaged one is set aside, and a new file takes its place."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from ha_ingestor_core.files.durable_file import make_usable, note_damaged
from ha_ingestor_store.points import RejectedEvent

from enrichment_pipeline.rejected.schema import COLUMNS, TABLES, event_of

EMBEDDED_FILE = "events.sqlite3"
PAGE_BYTES = 4096

_IMPORTED = "PRAGMA user_version = 1"
_IMPORT_BATCH = 100
_THEN = "a new file of rejected events takes its place"


def open_file(path: Path) -> sqlite3.Connection:
    """Return a connection to the file, which is created where there is none; raises sqlite3.Error and OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if make_usable(path, then=_THEN):
        return _replaced(path)
    try:
        return _connect(path)
    except sqlite3.DatabaseError as err:
        if isinstance(err, sqlite3.OperationalError):
            raise  # a full or read-only disk is no damage
        note_damaged(path, err, then=_THEN)
        return _replaced(path)


def is_imported(db: sqlite3.Connection) -> bool:
    """Return whether the events that an earlier version kept in the embedded store are in the file.

    False for a file that was just created, and for one whose process was killed during the import.
    """
    return bool(db.execute("PRAGMA user_version").fetchone()[0])


def mark_imported(db: sqlite3.Connection) -> None:
    """Note that there is nothing to import any more."""
    db.execute(_IMPORTED)


def earlier_events(embedded: Path) -> Iterator[list[RejectedEvent]]:
    """Yield the events that an earlier version kept in the embedded store, newest first; raises sqlite3.Error."""
    with closing(sqlite3.connect(f"file:{quote(str(embedded))}?mode=ro", uri=True)) as db:
        rows = db.execute(f"SELECT {COLUMNS} FROM rejected_events ORDER BY time_ns DESC")
        while events := list(map(event_of, rows.fetchmany(_IMPORT_BATCH))):
            yield events


def _replaced(path: Path) -> sqlite3.Connection:
    """Return a new file; what the damaged one had imported is not imported again."""
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    db = _connect(path)
    mark_imported(db)
    return db


def _connect(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        db.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.executescript(TABLES)
        db.execute("SELECT count(*) FROM rejected_events").fetchone()
    except BaseException:
        db.close()
        raise
    return db
