"""The open file of the embedded store: one thread writes, a few read, and a damaged file is opened again."""

from __future__ import annotations

import asyncio
import math
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import structlog
from ha_ingestor_core.errors import StoreDamagedError, StoreRefusedError, StoreUnavailableError

from ha_ingestor_store.embedded.errors import translated
from ha_ingestor_store.embedded.file.connection import check_pages, connect
from ha_ingestor_store.embedded.file.migrations import prepare
from ha_ingestor_store.embedded.file.store_file import StoreFile, StoreLock
from ha_ingestor_store.embedded.reader_threads import ReaderThreads, closed_error, run_in
from ha_ingestor_store.embedded.writing.file_writer import FileWriter

_REOPENED_EVERY_S = 5.0

_log = structlog.get_logger()

P = ParamSpec("P")
R = TypeVar("R")


class Database:
    """A SQLite file in use; readers and the writer never block each other.

    While the file is damaged or cannot be opened, every call raises the reason, and the file is opened again every few
    seconds.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = StoreFile(path)
        self._lock: StoreLock | None = None
        self._problem: StoreDamagedError | StoreUnavailableError | None = None
        self._tried_at = -math.inf
        self._opened_times = 0
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._connection: sqlite3.Connection | None = None
        self._writer: FileWriter | None = None
        self._readers = ReaderThreads(path, self._generation)
        self._is_closing = False

    async def open(self) -> None:
        """Open the file, created where missing; raises StoreRefusedError, such as for a file of another program."""
        with suppress(StoreDamagedError, StoreUnavailableError):
            await run_in(self._writing, self._open, self.path)

    async def read(
        self, question: Callable[Concatenate[sqlite3.Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Return the answer of `question(connection, …)`, which runs in a reading thread, in one read transaction."""
        return await self._readers.ask(question, *args, **kwargs)

    async def write(self, method: Callable[Concatenate[FileWriter, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return the result of `method(writer, …)`, which runs in the writing thread."""

        def call() -> R:
            try:
                with translated(self.path):
                    return method(self._opened_writer(), *args, **kwargs)
            except StoreDamagedError as err:
                self._close_broken(err)
                raise

        return await run_in(self._writing, call, self.path)

    async def close(self) -> None:
        """Finish running writes, cancel running queries, and close and unlock the file."""
        self._is_closing = True
        await self._readers.close()
        await asyncio.to_thread(self._writing.shutdown)
        if self._connection is not None:
            self._connection.close()
        self._connection = self._writer = None
        if self._lock is not None:
            self._lock.release()

    def _open(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self._lock is None or not self._lock.is_held:
                self._lock = StoreLock(self.path.parent)
        except OSError as err:
            raise StoreRefusedError(f"{self.path.parent}: {err.strerror}", path=str(self.path.parent)) from err
        problem, self._tried_at = self._problem, time.monotonic()
        try:
            if not self._lock.is_held:
                raise StoreUnavailableError(f"{self.path} is being restored", retry_after_s=_REOPENED_EVERY_S)
            self._file.check_before_opening()
            with translated(self.path):
                prepare(self.path)
                self._connection = connect(self.path)
                if isinstance(problem, StoreDamagedError):
                    check_pages(self._connection, self.path)
                self._writer = FileWriter(self._connection)
            self._file.opened()
        except (StoreDamagedError, StoreUnavailableError) as err:
            self._close_broken(err)
            raise
        self._opened_times += 1
        if problem:
            _log.info("store_file_recovered", path=str(self.path))
        self._problem = None

    def _close_broken(self, err: StoreDamagedError | StoreUnavailableError) -> None:
        """Close the file, so that it can be replaced, and remember why."""
        if self._problem is None:
            _log.error(err.key, path=str(self.path), error=err.message)
        self._problem = err
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
        self._connection = self._writer = None

    def _opened_writer(self) -> FileWriter:
        if self._problem is not None and not self._is_closing:
            if time.monotonic() - self._tried_at < _REOPENED_EVERY_S:
                raise self._problem
            self._open()
        if self._writer is None:
            raise closed_error(self.path)
        self._file.check()
        return self._writer

    def _generation(self) -> int:
        if self._problem is not None:
            raise self._problem
        return self._opened_times
