"""SQLite's errors, translated into ours in one place."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ha_ingestor_core.errors import StoreDamagedError, StoreUnavailableError

WHAT_TO_DO = (
    "Events wait in the spool. Stop HA Ingestor, then bring back a backup (ha-ingestor restore FILE) or begin an empty "
    "store (ha-ingestor restore --empty); nothing of the old file is deleted"
)

_RIGHTS = (
    "Events wait in the spool. The user that runs HA Ingestor should be able to read and write it; it is tried again "
    "every few seconds"
)

_DAMAGED = {
    sqlite3.SQLITE_CORRUPT: "is damaged",
    sqlite3.SQLITE_NOTADB: "is damaged: it is not a SQLite database",
}
_NOT_OURS_TO_OPEN = {
    sqlite3.SQLITE_READONLY: "is read-only",
    sqlite3.SQLITE_CANTOPEN: "can't be opened",
    sqlite3.SQLITE_PERM: "can't be opened: no permission",
}


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Translate what SQLite raises.

    StoreDamagedError for a file that is damaged, or can't be opened: a person must act. StoreUnavailableError where a
    retry helps.
    """
    try:
        yield
    except sqlite3.Error as err:
        primary = getattr(err, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if reason := _DAMAGED.get(primary):
            raise damaged(path, f"{reason} ({err})") from err
        if reason := _NOT_OURS_TO_OPEN.get(primary):
            raise StoreDamagedError(f"{path} {reason} ({err}). {_RIGHTS}", path=str(path)) from err
        raise StoreUnavailableError(f"{path}: {err}", retry_after_s=1.0, path=str(path)) from err


def damaged(path: Path, reason: str) -> StoreDamagedError:
    """The error that says what happened to the file, and what to do about it."""
    return StoreDamagedError(f"{path} {reason}. {WHAT_TO_DO}", path=str(path))
