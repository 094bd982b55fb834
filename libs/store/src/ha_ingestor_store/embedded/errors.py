"""Translates SQLite's errors into ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ha_ingestor_core.errors import StoreDamagedError, StoreUnavailableError

WHAT_TO_DO = (
    "Events wait in the spool. Stop HA Ingestor, then restore a backup (ha-ingestor restore FILE) or start with an "
    "empty store (ha-ingestor restore --empty). The old file is kept"
)

_PERMISSIONS = (
    "Events wait in the spool. The user that runs HA Ingestor must be able to read and write the file, which is opened "
    "again every few seconds"
)

_DAMAGED = {
    sqlite3.SQLITE_CORRUPT: "is damaged",
    sqlite3.SQLITE_NOTADB: "is damaged: it is not a SQLite database",
}
_NOT_ACCESSIBLE = {
    sqlite3.SQLITE_READONLY: "is read-only",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened",
    sqlite3.SQLITE_PERM: "cannot be opened: no permission",
}


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Translate SQLite's errors inside the block.

    Raises StoreDamagedError for a file that is damaged or cannot be opened, where a person must act, and
    StoreUnavailableError where a retry helps.
    """
    try:
        yield
    except sqlite3.Error as err:
        primary = getattr(err, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if reason := _DAMAGED.get(primary):
            raise damaged(path, f"{reason} ({err})") from err
        if reason := _NOT_ACCESSIBLE.get(primary):
            raise StoreDamagedError(f"{path} {reason} ({err}). {_PERMISSIONS}", path=str(path)) from err
        raise StoreUnavailableError(f"{path}: {err}", retry_after_s=1.0, path=str(path)) from err


def damaged(path: Path, reason: str) -> StoreDamagedError:
    """Return the error that says what happened to the file and what to do."""
    return StoreDamagedError(f"{path} {reason}. {WHAT_TO_DO}", path=str(path))
