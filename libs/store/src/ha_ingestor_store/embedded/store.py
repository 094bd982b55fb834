"""The embedded store: reader, writer, administrator and exporter on one SQLite file."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from ha_ingestor_core.clock import Clock, SystemClock
from ha_ingestor_core.service_metrics import ServiceMetricsPoint

from ha_ingestor_store.embedded.capabilities import CAPABILITIES
from ha_ingestor_store.embedded.database import Database
from ha_ingestor_store.embedded.expiry import Expiry
from ha_ingestor_store.embedded.file.store_file import FILE_NAME
from ha_ingestor_store.embedded.reader import EmbeddedReader
from ha_ingestor_store.embedded.reading import exports
from ha_ingestor_store.embedded.writer import EmbeddedWriter
from ha_ingestor_store.embedded.writing.retention import KEEP_EVERYTHING, Retention
from ha_ingestor_store.points import EventPoint, WeatherObservation
from ha_ingestor_store.time_range import TimeRange


class EmbeddedStore:
    """`Store` on a SQLite file."""

    capabilities = CAPABILITIES
    version = f"SQLite {sqlite3.sqlite_version}"

    def __init__(self, path: Path, retention: Retention, clock: Clock) -> None:
        self._database = Database(path)
        self.reader = EmbeddedReader(self._database)
        self.writer = EmbeddedWriter(self._database, retention, clock)
        self.administrator = EmbeddedAdministrator()
        self.exporter = EmbeddedExporter(self._database)
        self.expiry = Expiry(self._database, retention, clock)

    @classmethod
    async def open(
        cls, data_dir: Path, retention: Retention = KEEP_EVERYTHING, clock: Clock | None = None
    ) -> EmbeddedStore:
        """Open the file in a folder, both created where missing; raises StoreRefusedError, such as for a foreign file.

        A file that is damaged or cannot be opened is no error here: every call raises the reason until it is repaired.
        """
        store = cls(data_dir / FILE_NAME, retention, clock or SystemClock())
        try:
            await store._database.open()
        except BaseException:
            await store.close()
            raise
        return store

    async def close(self) -> None:
        """Finish running writes, cancel running queries, and close the file."""
        await self.expiry.stop()
        await self._database.close()


class EmbeddedAdministrator:
    """`StoreAdministrator` of a store that keeps its rollups in the transactions of the events."""

    async def expect(self, time_range: TimeRange) -> None:
        """Do nothing: a range that is written in any order needs no preparation."""

    async def roll_up(self) -> None:
        """Do nothing: rollups are always up to date."""


class EmbeddedExporter:
    """`Exporter` of a SQLite file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export_events(self, after_ns: int | None, limit: int) -> list[EventPoint]:
        """Return events by their time, then by their tags."""
        return await self._database.read(exports.export_events, after_ns, limit)

    async def export_service_metrics(self, after_ns: int | None, limit: int) -> list[ServiceMetricsPoint]:
        """Return reports by their time, service and instance."""
        return await self._database.read(exports.export_service_metrics, after_ns, limit)

    async def export_weather(self, after_ns: int | None, limit: int) -> list[WeatherObservation]:
        """Return observations of the weather by their time, home and source."""
        return await self._database.read(exports.export_weather, after_ns, limit)
