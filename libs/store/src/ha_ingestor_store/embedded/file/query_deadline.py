"""Ends a question that was cancelled, or takes too long, so that it does not occupy its thread."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ha_ingestor_core.errors import StoreUnavailableError

from ha_ingestor_store.embedded.file.connection import connect_as

_STEPS_BETWEEN_CHECKS = 100_000
"""Steps of SQLite's machine between two checks of a long query: about a millisecond."""


class DeadlineConnection(sqlite3.Connection):
    """A connection for reading that checks the deadline of its question before each query, and during long ones."""

    deadline: QueryDeadline | None = None

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        """Execute a statement; raises StoreUnavailableError when the deadline of the question has passed."""
        if self.deadline is not None:
            self.deadline.check()
        return super().execute(*arguments)


class QueryDeadline:
    """When one question ends: when it is cancelled, when the store closes, and after `limit_s` seconds at most."""

    def __init__(self, is_closing: Callable[[], bool], limit_s: float) -> None:
        self._is_closing = is_closing
        self._limit_s = limit_s
        self._ends_at = float("inf")
        self._is_cancelled = False

    def cancel(self) -> None:
        """End the question, since its answer is not needed any more."""
        self._is_cancelled = True

    @property
    def has_passed(self) -> bool:
        """Whether the question must end."""
        return self._is_cancelled or self._is_closing() or time.monotonic() > self._ends_at

    def check(self) -> None:
        """Raise StoreUnavailableError if the question must end."""
        if self.has_passed:
            raise StoreUnavailableError(f"The query was cancelled, or took longer than {self._limit_s:g} s")

    @contextmanager
    def transaction(self, connection: DeadlineConnection) -> Iterator[DeadlineConnection]:
        """Begin a read transaction in which every query has this deadline."""
        self._ends_at = time.monotonic() + self._limit_s
        connection.deadline = None
        connection.set_progress_handler(lambda: self.has_passed, _STEPS_BETWEEN_CHECKS)
        connection.execute("BEGIN")
        connection.deadline = self
        try:
            yield connection
        finally:
            connection.deadline = None
            if connection.in_transaction:  # some errors have ended it: another would hide them
                connection.execute("ROLLBACK")


def connect_reader(path: Path) -> DeadlineConnection:
    """Return a connection for reading only."""
    return connect_as(DeadlineConnection, path, read_only=True)
