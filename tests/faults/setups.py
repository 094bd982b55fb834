"""What is put under torture: one process or three, on which store."""

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
    """How the ingestor runs."""

    name: str
    is_apart: bool = False
    """Each service in a process of its own, which talk over HTTP."""
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
    """The store in a file; it is away while another has the file locked."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "events.sqlite3"
        self.variables = {"INFLUXDB_URL": ""}

    async def start(self) -> None:
        """Nothing to start: the file is made by the ingestor."""

    async def stop(self) -> None:
        """Nothing to stop."""

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """Nobody can write inside."""
        connection = sqlite3.connect(self._path, timeout=30, isolation_level=None, check_same_thread=False)
        try:
            await asyncio.to_thread(connection.execute, "BEGIN IMMEDIATE")
            yield
        finally:
            connection.close()

    @asynccontextmanager
    async def reader(self) -> AsyncIterator[Store]:
        """The store, to be asked."""
        store = await EmbeddedStore.open(self._path.parent)
        try:
            yield store
        finally:
            await store.close()


class ServerStore:
    """A server of its own, behind a proxy that may misbehave."""

    def __init__(self, server: InfluxDb) -> None:
        self.server = server
        self.proxy = HttpProxy(server.url)
        self.bad_lines_status = 422 if isinstance(server, InfluxDb2) else 400

    @property
    def variables(self) -> dict[str, str]:
        """The environment that names it; known once it runs."""
        return {
            "INFLUXDB_URL": self.proxy.url,
            "INFLUXDB_GZIP": "true",  # as over a network; store_says_413 counts on it
            "INFLUXDB_TOKEN": self.server.token,
            "INFLUXDB_BUCKET": BUCKET,
            "INFLUXDB_TIMEOUT_S": "3",
        }

    async def start(self) -> None:
        """Return when it answers."""
        await asyncio.to_thread(self.server.start)
        await self.proxy.start()

    async def stop(self) -> None:
        """End it."""
        await self.proxy.stop()
        self.server.kill()

    async def kill_and_start(self, between: Callable[[], Awaitable[None]]) -> None:
        """kill -9, and a start on the same data after a while."""
        self.server.kill()
        await between()
        await asyncio.to_thread(self.server.start)

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """Nobody can write inside."""
        with self.proxy.behaving(answering(503)):
            yield

    @asynccontextmanager
    async def reader(self) -> AsyncIterator[Store]:
        """The store, to be asked past the proxy."""
        settings = InfluxSettings(url=self.server.url, token=self.server.token, bucket=BUCKET)
        store = InfluxStore(settings, writes_events=False)
        try:
            yield store
        finally:
            await store.close()
