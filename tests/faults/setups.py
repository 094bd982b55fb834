"""The setups under test: one process or three, and the store."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from ha_ingestor_store import Store
from ha_ingestor_store.embedded.store import EmbeddedStore
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.store import InfluxStore
from msgspec import Struct

from tests.faults.http_proxy import HttpProxy, answering
from tests.influxdb import InfluxDb, InfluxDb1, InfluxDb2

BUCKET = "torture"


class Setup(Struct, frozen=True):
    """A setup of the ingestor."""

    name: str
    is_apart: bool = False
    """Separate processes that communicate over HTTP."""
    influxdb: type[InfluxDb] | None = None
    """None: the embedded store."""


SETUPS = {
    setup.name: setup
    for setup in (
        Setup("embedded"),
        Setup("embedded-apart", is_apart=True),
        Setup("influxdb-1", influxdb=InfluxDb1),
        Setup("influxdb-1-apart", is_apart=True, influxdb=InfluxDb1),
        *([Setup("influxdb-2-apart", is_apart=True, influxdb=InfluxDb2)] if os.environ.get("TEST_INFLUXD") else []),
    )
}


class FileStore:
    """The embedded store; it is unavailable while another process has locked the file."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "events.sqlite3"
        self.variables = {"INFLUXDB_URL": ""}

    async def start(self) -> None:
        """Do nothing: the ingestor creates the file."""

    async def stop(self) -> None:
        """Do nothing."""

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """Lock the file inside the block."""
        connection = sqlite3.connect(self._path, timeout=30, isolation_level=None, check_same_thread=False)
        try:
            await asyncio.to_thread(connection.execute, "BEGIN IMMEDIATE")
            yield
        finally:
            connection.close()

    @asynccontextmanager
    async def reader(self) -> AsyncIterator[Store]:
        """Return a reader of the store."""
        store = await EmbeddedStore.open(self._path.parent)
        try:
            yield store
        finally:
            await store.close()


class ServerStore:
    """A database server behind a proxy."""

    def __init__(self, server: InfluxDb) -> None:
        self.server = server
        self.proxy = HttpProxy(server.url)
        self.bad_lines_status = 422 if isinstance(server, InfluxDb2) else 400

    @property
    def variables(self) -> dict[str, str]:
        """The environment with its address, known while it runs."""
        return {
            "INFLUXDB_URL": self.proxy.url,
            "INFLUXDB_GZIP": "true",  # as over a network; store_says_413 depends on it
            "INFLUXDB_TOKEN": self.server.token,
            "INFLUXDB_BUCKET": BUCKET,
            "INFLUXDB_TIMEOUT_S": "3",
        }

    async def start(self) -> None:
        """Start; return when it answers."""
        await asyncio.to_thread(self.server.start)
        await self.proxy.start()

    async def stop(self) -> None:
        """Stop it."""
        await self.proxy.stop()
        self.server.kill()

    async def kill_and_start(self, between: Callable[[], Awaitable[None]]) -> None:
        """kill -9, and a restart on the same data after a delay."""
        self.server.kill()
        await between()
        await asyncio.to_thread(self.server.start)

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """Make it unavailable for writes inside the block."""
        with self.proxy.behaving(answering(503)):
            yield

    @asynccontextmanager
    async def reader(self) -> AsyncIterator[Store]:
        """Return a reader that bypasses the proxy."""
        settings = InfluxSettings(url=self.server.url, token=self.server.token, bucket=BUCKET)
        store = InfluxStore(settings, writes_events=False)
        try:
            yield store
        finally:
            await store.close()
