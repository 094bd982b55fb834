"""Writes what lasts a while, gaps and alerts: a point each at its beginning, overwritten by its later version."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import structlog

from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.writing.batch_writer import BatchWriter

_log = structlog.get_logger()

T = TypeVar("T")


class SpansWriter(Generic[T]):
    """Writes them, whichever process they come from: no rollup counts them."""

    def __init__(self, database: Database, writer: BatchWriter, line: Callable[[T], str]) -> None:
        self._database = database
        self._writer = writer
        self._line = line

    async def write(self, spans: Sequence[T]) -> None:
        """Write them; those that the server refuses are only logged, since it would refuse them for ever."""
        lines = list(map(self._line, spans))
        refused = await self._writer.write(self._database.write_target(rollups=False), lines) if lines else []
        if refused:  # beyond the retention, as its events are: it would be refused for ever
            first = refused[0]
            _log.error("points_refused", points=len(refused), reason=first.message, first=lines[first.index])
