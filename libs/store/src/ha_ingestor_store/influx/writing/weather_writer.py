"""Writes observations of the weather, whichever process they come from: no rollup counts them."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from ha_ingestor_store.answers import RejectedPoint
from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.writing.batch_writer import BatchWriter
from ha_ingestor_store.influx.writing.line_protocol import weather_line
from ha_ingestor_store.points import WeatherObservation

_log = structlog.get_logger()


class WeatherWriter:
    """Writes observations; raises StoreUnavailableError and StoreRefusedError, and a repeat is harmless."""

    def __init__(self, database: Database, writer: BatchWriter) -> None:
        self._database = database
        self._writer = writer

    async def write(self, observations: Sequence[WeatherObservation]) -> list[RejectedPoint]:
        """Write the observations, and return those that the server refused."""
        lines = [weather_line(observation) for observation in observations]
        refused = await self._writer.write(self._database.write_target(rollups=False), lines)
        if refused:
            first = refused[0]
            _log.warning("weather_refused", lines=len(refused), first=lines[first.index], error=first.message)
        return [RejectedPoint(line.index, line.key, line.message) for line in refused]
