"""SQLite's errors, translated into ours in one place."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ha_ingestor_core.errors import StoreRefusedError, StoreUnavailableError

_A_PERSON_MUST_ACT = {
    sqlite3.SQLITE_CORRUPT: "is damaged",
    sqlite3.SQLITE_NOTADB: "is not a SQLite database",
    sqlite3.SQLITE_READONLY: "is read-only",
    sqlite3.SQLITE_CANTOPEN: "can't be opened",
    sqlite3.SQLITE_PERM: "can't be opened: no permission",
}


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise StoreRefusedError where a person must act (damage, rights), StoreUnavailableError where a retry helps."""
    try:
        yield
    except sqlite3.Error as err:
        primary = getattr(err, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if reason := _A_PERSON_MUST_ACT.get(primary):
            raise StoreRefusedError(f"{path} {reason} ({err})", path=str(path)) from err
        raise StoreUnavailableError(f"{path}: {err}", retry_after_s=1.0, path=str(path)) from err
