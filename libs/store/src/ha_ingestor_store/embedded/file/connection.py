"""Connections to the file."""

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
    """A connection that may be used from any one thread at a time; transactions are begun by hand."""
    return connect_as(sqlite3.Connection, path, read_only=read_only)


def connect_as(factory: type[C], path: Path, *, read_only: bool = False) -> C:
    """A connection as `connect` makes it, of a class of one's own; it is closed where the file cannot be read."""
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
        connection.execute("PRAGMA wal_autocheckpoint = 2000")  # 8 MiB: a page that changes often is copied back once
        if read_only:
            connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def check_pages(connection: sqlite3.Connection, path: Path) -> None:
    """Read the whole file; raises StoreDamagedError for what SQLite finds wrong in it."""
    (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if answer != "ok":
        raise damaged(path, f"is damaged: {answer}")


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Commit what is written inside, or roll it back after an exception."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
