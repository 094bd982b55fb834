"""The threads that run queries: a few read-only connections, a bounded queue, and a time limit for each query."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from ha_ingestor_core.errors import StoreRefusedError, StoreUnavailableError

from ha_ingestor_store.embedded.errors import translated
from ha_ingestor_store.embedded.file.query_deadline import DeadlineConnection, QueryDeadline, connect_reader

_READERS = 4
_QUERY_LIMIT_S = 60.0
_QUEUE_LIMIT = 200

P = ParamSpec("P")
R = TypeVar("R")


class ReaderThreads:
    """Runs questions on read-only connections to one file, each in a read transaction.

    `generation` returns a number that changes when the file has been opened again, and raises an error while the file
    cannot be read.
    """

    def __init__(self, path: Path, generation: Callable[[], int]) -> None:
        self._path = path
        self._generation = generation
        self._executor = ThreadPoolExecutor(_READERS, thread_name_prefix="store-reader")
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._waiting = 0
        self._is_closing = False

    async def ask(
        self, question: Callable[Concatenate[sqlite3.Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Return the result of `question(connection, …)`; cancelling also ends the query in its thread."""
        deadline = QueryDeadline(lambda: self._is_closing, _QUERY_LIMIT_S)

        def call() -> R:
            generation = self._generation()
            with translated(self._path), deadline.transaction(self._connection(generation)) as connection:
                return question(connection, *args, **kwargs)

        if self._waiting >= _QUEUE_LIMIT:
            raise StoreUnavailableError(f"{self._waiting} queries are waiting for the store", retry_after_s=1.0)
        self._waiting += 1
        try:
            return await run_in(self._executor, call, self._path)
        except asyncio.CancelledError:
            deadline.cancel()
            raise
        finally:
            self._waiting -= 1

    def cancel(self) -> None:
        """Cancel running queries."""
        self._is_closing = True

    async def close(self) -> None:
        """Cancel running queries, and close the connections."""
        self.cancel()
        await asyncio.to_thread(self._executor.shutdown)
        for connection in self._connections:
            connection.close()
        self._connections.clear()

    def _connection(self, generation: int) -> DeadlineConnection:
        connection: DeadlineConnection | None = getattr(self._local, "connection", None)
        if connection is None or self._local.generation != generation:
            if connection is not None:
                self._connections.remove(connection)
                connection.close()
            connection = self._local.connection = connect_reader(self._path)
            self._local.generation = generation
            self._connections.append(connection)
        return connection


async def run_in(executor: ThreadPoolExecutor, call: Callable[[], R], path: Path) -> R:
    """Run a call in a thread, in the caller's context, so that its log lines belong to the caller's service."""
    try:
        submitted = asyncio.get_running_loop().run_in_executor(executor, copy_context().run, call)
    except RuntimeError as err:  # the executor was shut down
        raise closed_error(path) from err
    return await submitted


def closed_error(path: Path) -> StoreRefusedError:
    """Return the error for calls after `close`."""
    return StoreRefusedError(f"{path} is closed", path=str(path))
