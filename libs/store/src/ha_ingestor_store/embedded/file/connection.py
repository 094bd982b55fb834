"""Connections to the file, transactions, and the integrity check."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from ha_ingestor_store.embedded.errors import damaged

BUSY_TIMEOUT_S = 10.0


C = TypeVar("C", bound=sqlite3.Connection)


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Return a connection that one thread at a time may use; transactions are explicit."""
    return connect_as(sqlite3.Connection, path, read_only=read_only)


def connect_as(factory: type[C], path: Path, *, read_only: bool = False) -> C:
    """Return a connection as `connect` does, of the given class."""
    connection: C = sqlite3.connect(
        path,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
        factory=factory,
        cached_statements=256,
    )
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA cache_size = {-16 * 1024 if read_only else -64 * 1024}")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA wal_autocheckpoint = 2000")  # 8 MiB: copies a page that changes often only once
        if read_only:
            connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def check_pages(connection: sqlite3.Connection, path: Path) -> None:
    """Read the whole file; raises StoreDamagedError if SQLite finds an error."""
    (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if answer != "ok":
        raise damaged(path, f"is damaged: {answer}")


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Commit what is written inside the block, or roll it back after an exception."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
