"""Reads durable events back into memory for delivery, as far as memory allows: after a start, and after a backlog."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from websocket_ingestion.spool.delivery_queue import DeliveryQueue
from websocket_ingestion.spool.disk_thread import DiskThread
from websocket_ingestion.spool.limits import SpoolLimits
from websocket_ingestion.spool.progress import Progress
from websocket_ingestion.spool.segments.segment import Chunk
from websocket_ingestion.spool.segments.segment_log import SegmentLog
from websocket_ingestion.spool.write_queue import size_of

_log = structlog.get_logger()


class Loader:
    """Adds what it reads to the delivery queue; `on_load` gets each chunk after that."""

    def __init__(
        self,
        *,
        log: SegmentLog,
        disk: DiskThread,
        outgoing: DeliveryQueue,
        progress: Progress,
        limits: SpoolLimits,
        on_load: Callable[[Chunk], None],
    ) -> None:
        self._log = log
        self._disk = disk
        self._outgoing = outgoing
        self._progress = progress
        self._limits = limits
        self._on_load = on_load
        self._wanted = asyncio.Event()

    def load_if_room(self) -> None:
        """Read on where more is on disk and half of the memory is free."""
        if self._progress.is_behind and self._outgoing.ready_bytes < self._limits.memory_bytes // 2:
            self._wanted.set()

    async def run(self) -> None:
        """Read whenever there is room; a failed read is repeated until it succeeds."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            if not self._progress.is_behind:
                # Requested while the last read ran, which brought it. To read now would overlap with a commit, whose
                # events are taken straight from memory: they would be read, and delivered, once more.
                continue
            try:
                chunk = await self._disk.run(self._log.read_after, self._progress.loaded_id, self._progress.durable_id)
            except Exception:
                _log.exception("spool_not_read")
                await asyncio.sleep(self._limits.retry_s)
                self._wanted.set()
                continue
            self._outgoing.add(chunk.events, size_of([event for _, event in chunk.events]), chunk.last_id)
            self._on_load(chunk)
            self.load_if_room()
