"""The file of rejected events: owned by the pipeline, bounded, and the same for every store."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import structlog
from ha_ingestor_core.clock import Clock, SystemClock
from ha_ingestor_core.errors import IngestorError, StoreUnavailableError
from ha_ingestor_store.answers import RejectedPage
from ha_ingestor_store.points import RejectedEvent
from ha_ingestor_store.questions import RecentRejected

from enrichment_pipeline.rejected.database import EntityKey, RejectedDatabase

FILE_NAME = "rejected.sqlite3"

T = TypeVar("T")

_log = structlog.get_logger()


class RejectedFile:
    """Keeps rejected events until they are replayed, and the states of snapshots that have expired.

    An entry is identified by its event, so a repeat changes nothing. All methods raise StoreUnavailableError where the
    disk cannot be read or written.
    """

    def __init__(self, data_dir: Path, *, limit_bytes: int, clock: Clock | None = None) -> None:
        self.limit_bytes = limit_bytes
        self.last_error: IngestorError | None = None
        """Why events are not kept at present; None while they are."""
        self._path = data_dir / FILE_NAME
        self._database = RejectedDatabase(self._path, limit_bytes=limit_bytes)
        self._clock = clock or SystemClock()
        self._failing_since = 0.0
        self._is_closed = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="rejected events")

    @property
    def expired_states(self) -> dict[EntityKey, int]:
        """The time of the newest state of each entity that was found to have expired."""
        return self._database.expired_states

    async def open(self) -> None:
        """Open the file, or create it; a damaged one is set aside, and a new one takes its place.

        A failing disk does not prevent the start: the file is opened when it is needed.
        """
        try:
            await self._run(self._database.open)
        except StoreUnavailableError as err:
            _log.error("rejected_events_open_failed", error=err.message)

    async def close(self) -> None:
        """Close the file."""
        self._is_closed = True
        await self._run(self._database.close)
        self._thread.shutdown()

    async def keep(self, events: Sequence[RejectedEvent]) -> None:
        """Keep the events, all or none; raises RejectedEventsFullError."""
        if not events:
            return
        try:
            await self._run(self._database.keep, events)
        except IngestorError as err:
            if self.last_error is None:
                self._failing_since = self._clock.monotonic()
                _log.error("rejected_events_write_failed", key=err.key, error=err.message)
            self.last_error = err
            raise
        self.last_error = None

    async def mark_replayed(self, replayed: RejectedEvent) -> None:
        """Keep the `replayed_ns` and `outcome` of an entry; raises NotFoundError."""
        await self._run(self._database.mark_replayed, replayed)

    async def discard(self, ids: Sequence[str]) -> int:
        """Delete entries for good, on an operator's request; return how many there were."""
        return await self._run(self._database.discard, ids)

    async def note_expired(self, states: dict[EntityKey, int]) -> None:
        """Remember the times of states that have expired: in memory, and on the disk if it can be written."""
        if not states:
            return
        self._database.expired_states.update(states)
        try:
            await self._run(self._database.note_expired, states)
        except IngestorError as err:
            _log.warning("expired_states_write_failed", states=len(states), error=err.message)

    async def rejected_events(self, question: RecentRejected) -> RejectedPage:
        """Return rejected events, newest first; a page also ends where its payloads exceed 8 MiB."""
        return await self._run(self._database.page, question)

    async def rejected_event(self, rejected_id: str) -> RejectedEvent | None:
        """Return one rejected event by its id; None where there is none."""
        return await self._run(self._database.one, rejected_id)

    async def rejected_counts(self, question: RecentRejected) -> dict[str, int]:
        """Return the number of rejected events by key, whatever the limit and the cursor."""
        return await self._run(self._database.counts, question)

    async def measure(self) -> None:
        """Measure the used size again: another process may have discarded entries."""
        if not self._is_closed:
            with suppress(IngestorError):
                await self._run(self._database.measure)

    def status(self) -> dict[str, Any]:
        """Used size, limit and last error, as JSON-ready values."""
        return {
            "bytes": self._database.used_bytes,
            "limit_bytes": self.limit_bytes,
            "last_error": self.last_error.message if self.last_error else None,
            "failing_s": self._clock.monotonic() - self._failing_since if self.last_error else None,
        }

    async def _run(self, call: Callable[..., T], *arguments: Any) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, call, *arguments)
        except (sqlite3.Error, OSError) as err:
            raise StoreUnavailableError(f"{self._path}: {err}. Check the disk of DATA_DIR") from err
