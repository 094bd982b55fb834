"""The store on InfluxDB; its version is found out when it is first needed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

import structlog
from ha_ingestor_core.clock import Clock, SystemClock
from ha_ingestor_core.errors import StoreRefusedError

from ha_ingestor_store.influx.connection import Connection
from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.rollups.rollups import REPORT_WAIT_S
from ha_ingestor_store.influx.server.http import Server
from ha_ingestor_store.influx.server.versions import supported
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.writer import InfluxAdministrator, InfluxWriter
from ha_ingestor_store.store import Capabilities, Exporter, Source, StoreReader

CAPABILITIES = Capabilities(source=Source.INFLUXDB, transactional_rollups=False)

_log = structlog.get_logger()

T = TypeVar("T")


class InfluxStore:
    """`Store` on InfluxDB; nothing is asked of the server before the first call, which fails when it is away.

    `writes_events`: this process may write the events, while it has the lease on that, and keeps the rollups.
    `instance` names it; one that runs again under its name takes the lease sooner than another.
    """

    def __init__(
        self,
        settings: InfluxSettings,
        *,
        writes_events: bool,
        instance: str = "",
        clock: Clock | None = None,
        report_wait_s: float = REPORT_WAIT_S,
        rolls_up: bool = True,
    ) -> None:
        self._settings = settings
        self._writes_events = writes_events
        self._instance = instance
        self._clock = clock or SystemClock()
        self._report_wait_s = report_wait_s
        self._rolls_up = rolls_up and writes_events
        self._server = Server(settings)
        self._connection: Connection | None = None
        self._connecting = asyncio.Lock()
        self._is_closed = False
        self.reader: StoreReader = _connected(self.connect, lambda connection: connection.reader)
        self.writer = InfluxWriter(self.connect)
        self.administrator = InfluxAdministrator(self.connect)
        self.exporter: Exporter = _connected(self.connect, lambda connection: connection.exporter)

    @property
    def capabilities(self) -> Capabilities:
        """What this store can do."""
        return CAPABILITIES

    @property
    def version(self) -> str | None:
        """Return the release of what keeps the data; None until it has answered."""
        return self._server.release and self._server.release.removeprefix("v")

    async def connect(self) -> Connection:
        """The parts, once the server has said its version; raises StoreUnavailableError and StoreRefusedError."""
        connection = self._connection
        if connection is None:
            async with self._connecting:
                if self._is_closed:
                    raise StoreRefusedError(f"{self._settings.url} is closed")
                if self._connection is None:
                    self._connection = await self._connect()
                connection = self._connection
        await connection.database.version.settle()
        return connection

    async def close(self) -> None:
        """End the rollups, and close the connections."""
        self._is_closed = True
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.tenures.stop()
        await self._server.close()

    async def _connect(self) -> Connection:
        found = await self._server.version()
        version = supported(found, self._server, self._settings)
        if self._writes_events:  # the others' tokens may not even see all buckets
            try:
                await version.prepare()
            except StoreRefusedError as err:  # what is there may do all the same
                _log.warning("influxdb_not_prepared", error=err.message, check="ha-ingestor doctor")
        connection = Connection(
            Database(version),
            self._server,
            self._settings,
            clock=self._clock,
            instance=self._instance,
            report_wait_s=self._report_wait_s,
        )
        if self._writes_events:
            connection.tenures.start(rolls_up=self._rolls_up)
        _log.info("influxdb_found", url=self._settings.url, version=found.text)
        return connection


def _connected(connect: Callable[[], Awaitable[Connection]], part: Callable[[Connection], T]) -> T:
    """Return a part of the connection, which is made when the first of its methods is called."""
    return cast("T", _Connected(connect, part))


class _Connected:
    def __init__(self, connect: Callable[[], Awaitable[Connection]], part: Callable[[Connection], object]) -> None:
        self._connect = connect
        self._part = part

    def __getattr__(self, name: str) -> Callable[..., Awaitable[object]]:
        async def method(*args: object, **options: object) -> object:
            called: Callable[..., Awaitable[object]] = getattr(self._part(await self._connect()), name)
            return await called(*args, **options)

        return method
