"""Questions that end when nobody waits for their answer any more: a reading thread is not kept for seconds by one."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ha_ingestor_core.errors import StoreUnavailableError

from ha_ingestor_store.embedded.schema import connect_as

_STEPS_BETWEEN_CHECKS = 100_000
"""How often SQLite asks a long query whether it shall go on: about every millisecond."""


class PatientConnection(sqlite3.Connection):
    """A reader's connection that looks at the patience of its question before each query, and during long ones."""

    patience: Patience | None = None

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        """See sqlite3.Connection.execute; raises StoreUnavailableError when the question has ended."""
        if self.patience is not None:
            self.patience.check()
        return super().execute(*arguments)


class Patience:
    """How long one question may take: until `end`, until the store closes, and so many seconds at most."""

    def __init__(self, is_closing: Callable[[], bool], longest_s: float) -> None:
        self._is_closing = is_closing
        self._longest_s = longest_s
        self._deadline = float("inf")
        self._has_ended = False

    def end(self) -> None:
        """Nobody waits for the answer any more."""
        self._has_ended = True

    @property
    def is_over(self) -> bool:
        """Whether the question should end."""
        return self._has_ended or self._is_closing() or time.monotonic() > self._deadline

    def check(self) -> None:
        """Raise StoreUnavailableError where the question should end."""
        if self.is_over:
            raise StoreUnavailableError(f"the question was ended: nobody waits, or it took {self._longest_s:g} s")

    @contextmanager
    def over(self, connection: PatientConnection) -> Iterator[PatientConnection]:
        """One read transaction, for as long as there is patience."""
        self._deadline = time.monotonic() + self._longest_s
        connection.patience = None
        connection.set_progress_handler(lambda: self.is_over, _STEPS_BETWEEN_CHECKS)
        connection.execute("BEGIN")
        connection.patience = self
        try:
            yield connection
        finally:
            connection.patience = None
            if connection.in_transaction:  # some errors have ended it: another would hide them
                connection.execute("ROLLBACK")


def connect_reader(path: Path) -> PatientConnection:
    """A connection for questions alone."""
    return connect_as(PatientConnection, path, read_only=True)
