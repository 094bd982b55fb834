"""The writer of the embedded store: each write is one transaction in the writing thread."""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar

from ha_ingestor_core.clock import Clock
from ha_ingestor_core.reporting.totals import Totals

from ha_ingestor_store import answers
from ha_ingestor_store.embedded.database import Database
from ha_ingestor_store.embedded.writing.file_writer import FileWriter
from ha_ingestor_store.embedded.writing.retention import Retention, home_time_ns
from ha_ingestor_store.embedded.writing.totals import read_totals
from ha_ingestor_store.points import WeatherObservation

P = ParamSpec("P")
R = TypeVar("R")


def _in_writing_thread(
    write: Callable[Concatenate[FileWriter, P], R],
) -> Callable[Concatenate[EmbeddedWriter, P], Coroutine[Any, Any, R]]:
    """Return a method that runs a method of FileWriter in the writing thread."""

    @functools.wraps(write)
    async def method(self: EmbeddedWriter, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await self.database.write(write, *args, **kwargs)

    return method


class EmbeddedWriter:
    """`StoreWriter` on a SQLite file."""

    def __init__(self, database: Database, retention: Retention, clock: Clock) -> None:
        self.database = database
        self._retention = retention
        self._clock = clock

    write_events = _in_writing_thread(FileWriter.write_events)
    write_service_metrics = _in_writing_thread(FileWriter.write_service_metrics)
    write_alive = _in_writing_thread(FileWriter.write_alive)
    write_gaps = _in_writing_thread(FileWriter.write_gaps)
    write_alerts = _in_writing_thread(FileWriter.write_alerts)

    async def write_weather(self, observations: Sequence[WeatherObservation]) -> list[answers.RejectedPoint]:
        """Store the observations; one with the same key is replaced."""
        await self.database.write(FileWriter.write_weather, observations)
        return []

    async def kept_from_ns(self) -> int | None:
        """Return the time before which events have expired; None where all are kept."""
        if not self._retention.event_days:
            return None
        return self._retention.events_from_ns(await self.database.read(home_time_ns, self._clock.now_ns()))

    async def totals(self, service: str) -> Totals:
        """Return the sum of all tallies of a service."""
        return await self.database.read(read_totals, service)
