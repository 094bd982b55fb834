"""Deletes expired events in the background, in small steps between other writes."""

from __future__ import annotations

import asyncio

import structlog
from ha_ingestor_core.clock import Clock
from ha_ingestor_core.errors import IngestorError
from ha_ingestor_core.tasks import supervised

from ha_ingestor_store.embedded.database import Database
from ha_ingestor_store.embedded.writing.file_writer import FileWriter
from ha_ingestor_store.embedded.writing.retention import Retention

_FIRST_DELETED_AFTER_S = 30.0
_DELETED_EVERY_S = 600.0
_REST_BETWEEN_STEPS_S = 0.1

_log = structlog.get_logger()


class Expiry:
    """Deletes expired events from `start` to `stop`; only the process that writes events starts it."""

    def __init__(self, database: Database, retention: Retention, clock: Clock) -> None:
        self._database = database
        self._retention = retention
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start to delete in the background."""
        self._task = supervised(self._run, name="retention")

    async def stop(self) -> None:
        """Stop after the running step."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def delete_expired(self) -> int:
        """Delete a part of the expired rows; return their number, 0 when none is left."""
        return await self._database.write(FileWriter.delete_expired, self._retention, self._clock.now_ns())

    async def _run(self) -> None:
        wait_s = _FIRST_DELETED_AFTER_S
        while True:
            await asyncio.sleep(wait_s)
            wait_s = _DELETED_EVERY_S
            try:
                while await self.delete_expired():  # noqa: ASYNC110  # let other writes run in between
                    await asyncio.sleep(_REST_BETWEEN_STEPS_S)
            except IngestorError as err:
                _log.warning("expired_events_not_deleted", key=err.key, error=err.message)
            except Exception:
                _log.exception("retention_failed_unexpectedly")
