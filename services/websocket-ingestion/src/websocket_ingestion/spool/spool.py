"""The spool between the socket's reader and the forwarder: events are on disk until they are acknowledged.

The reader puts events into memory and never waits for the disk. Durable events are taken from memory, or are read
again. Put, take and acknowledge keep the order.
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import structlog
from ha_ingestor_core.clock import NS_PER_S, Clock
from ha_ingestor_core.delivery import Receipt
from ha_ingestor_core.events import OriginKind, RawEvent
from ha_ingestor_core.reporting.totals import Totals
from ha_ingestor_core.tasks import supervised

from websocket_ingestion.metrics import IngestionMetrics
from websocket_ingestion.pause_reason import PauseReason
from websocket_ingestion.spool.backpressure import Backpressure
from websocket_ingestion.spool.committer import Committer
from websocket_ingestion.spool.delivery_queue import DeliveryQueue, Taken
from websocket_ingestion.spool.disk_thread import DiskThread
from websocket_ingestion.spool.ledger import Ledger, count_group
from websocket_ingestion.spool.limits import USUAL_LIMITS, SpoolLimits
from websocket_ingestion.spool.loader import Loader
from websocket_ingestion.spool.progress import Progress
from websocket_ingestion.spool.segments.segment import Chunk
from websocket_ingestion.spool.segments.segment_log import SegmentLog
from websocket_ingestion.spool.spool_lag import due_since_ns
from websocket_ingestion.spool.write_queue import Put, WriteQueue

_log = structlog.get_logger()

_BACKLOG_EVENTS = 10_000
"""More than this wait for a store that is behind, and not for others to share a write with."""


class Spool:
    """The spool of one home. All but `start` and `stop` is quick, and belongs to the event loop.

    It accepts whatever was read, and reports when it is full: so it exceeds its limits by one frame at most.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock,
        metrics: IngestionMetrics,
        limits: SpoolLimits = USUAL_LIMITS,
        log: SegmentLog | None = None,
    ) -> None:
        self.limits = limits
        self.ledger: Ledger | None = None
        self.totals = Totals()
        """The totals on disk since the spool was created; they may be a moment behind `depth`."""
        self.depth = 0
        self.depth_bytes = 0
        self.depth_at_start = 0
        self.events_lost = 0
        self.progress = Progress()
        self._clock = clock
        self._metrics = metrics
        self._segments = log or SegmentLog(path, segment_bytes=limits.segment_bytes)
        self._disk = DiskThread()
        self._disk_bytes = 0
        self._incoming = WriteQueue()
        self._outgoing = DeliveryQueue(self.progress, clock)
        self.backpressure = Backpressure(limits, clock, metrics)
        self._committer = Committer(
            log=self._segments,
            disk=self._disk,
            incoming=self._incoming,
            outgoing=self._outgoing,
            progress=self.progress,
            backpressure=self.backpressure,
            limits=limits,
            clock=clock,
            metrics=metrics,
            on_attempt=self._attempted,
            on_commit=self._committed,
        )
        self._loader = Loader(
            log=self._segments,
            disk=self._disk,
            outgoing=self._outgoing,
            progress=self.progress,
            limits=limits,
            on_load=self._loaded,
        )
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        metrics.spool_events.set_function(lambda: self.depth)
        metrics.spool_bytes.set_function(lambda: self.depth_bytes)
        metrics.spool_oldest_seconds.set_function(self.lag_s)
        metrics.spool_disk_bytes.set_function(lambda: self._disk_bytes)
        metrics.spool_limit_bytes.set(limits.disk_bytes)
        metrics.reading_paused.set_function(lambda: self.is_full)
        metrics.spool_damaged_files.set_function(lambda: self._segments.damaged_files)

    @property
    def is_running(self) -> bool:
        """True between start and stop, unless it died."""
        return bool(self._tasks) and not any(task.done() for task in self._tasks)

    @property
    def uncommitted(self) -> int:
        """Number of events that are not durable yet."""
        return self._incoming.events

    @property
    def pause_reason(self) -> PauseReason | None:
        """Why nothing more should be read for now; None when it may be."""
        return self.backpressure.reason(disk_bytes=self._disk_bytes, uncommitted_bytes=self._incoming.size_bytes)

    @property
    def is_full(self) -> bool:
        """True when nothing more should be read before something has changed."""
        return self.pause_reason is not None

    @property
    def has_more(self) -> bool:
        """Whether `take` would return at once."""
        return self._outgoing.has_ready

    async def start(self) -> None:
        """Find what an earlier process left, and begin; raises SpoolUnusableError."""
        found = await self._disk.run(self._segments.open)
        self.depth = self.depth_at_start = found.events + found.lost
        self.depth_bytes = found.event_bytes
        progress, acknowledged_id, durable_id = self.progress, self._segments.acknowledged_id, self._segments.durable_id
        progress.acknowledged_id = progress.saved_id = progress.loaded_id = acknowledged_id
        progress.durable_id = progress.urgent_id = durable_id
        self._disk_bytes = self._segments.disk_bytes
        self.totals = self._segments.totals
        self._lose(found.lost)
        if self.depth:
            _log.info("spool_has_events", events=self.depth, bytes=self.depth_bytes)
        self._loader.load_if_room()
        self._tasks = [
            supervised(self._committer.run, name="spool writer", restart=False),
            supervised(self._loader.run, name="spool reader", restart=False),
        ]

    async def stop(self) -> None:
        """Write what is in memory, and close the files; what is on disk is delivered after the next start."""
        self._committer.stop()
        if self._tasks:
            writer, reader = self._tasks
            reader.cancel()
            await asyncio.gather(writer, reader, return_exceptions=True)
            await self._disk.run(self._segments.close)
            self._tasks = []
        self._disk.stop()
        if self.uncommitted:
            _log.error("events_not_spooled", events=self.uncommitted, error=self.backpressure.write_error)

    def put(self, events: list[RawEvent]) -> None:
        """Take events of one kind; the caller checks `is_full` afterwards."""
        if not events:
            return
        self._incoming.put(events)
        if events[0].kind is not OriginKind.LIVE:
            self.hurry()  # gap filling waits until these have ended
        self._committer.wake()

    def hurry(self) -> None:
        """Sync and deliver all that is here without waiting for more events."""
        self.progress.urgent_id = self.progress.durable_id + self.uncommitted
        self._committer.wake()
        self._outgoing.hurry()

    async def deliver_now(self, within_s: float) -> None:
        """Return once all that is here is acknowledged, or the time is over; at once where a long backlog waits."""
        self.hurry()
        if self.depth > _BACKLOG_EVENTS:
            return
        wanted_id = self.progress.urgent_id
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self.progress.acknowledged_id < wanted_id:
                    await self._wait_for_change()

    async def wait_until_durable(self) -> None:
        """Return once all that is here now is on the disk."""
        self.hurry()
        wanted_id = self.progress.urgent_id
        while self.progress.durable_id < wanted_id:
            await self._wait_for_change()

    async def gather(self, events: int, longest_s: float) -> None:
        """Return once so many events are ready, or the first has been for so long, or `hurry` was called."""
        await self._outgoing.gather(events, longest_s)

    async def wait_for_room(self) -> None:
        """Return once the spool is not full; a wait is counted, and causes a gap if Home Assistant disconnects."""
        reason = self.pause_reason
        if reason is None:
            return
        with self.backpressure.pause(reason, events=lambda: self.depth, size_bytes=self.depth_bytes):
            while self.is_full:
                await self._wait_for_change()

    async def take(self, max_events: int, max_bytes: int) -> Taken:
        """Wait for at least one durable event; then return what is in memory, up to either limit."""
        taken = await self._outgoing.take(max_events, max_bytes)
        self._loader.load_if_room()
        return taken

    def acknowledge(self, taken: Taken, receipt: Receipt) -> None:
        """Remove events that have ended; the files keep all from the first one that has not."""
        self._outgoing.acknowledge(taken, receipt)
        self._leave(len(taken.events), taken.size_bytes)
        self._committer.wake()

    async def wait_until_empty(self) -> None:
        """Return once everything is acknowledged, also on disk."""
        while self.depth or self.uncommitted or self.totals.queued:
            await self._wait_for_change()

    def lag_s(self) -> float:
        """How long the oldest event that is not acknowledged has been due."""
        due_ns = due_since_ns(self._incoming, self._outgoing, sync_s=self.limits.sync_s)
        return 0.0 if due_ns is None else max(0.0, (self._clock.now_ns() - due_ns) / NS_PER_S)

    def status(self) -> dict[str, Any]:
        """The `spool` of /stats."""
        return {
            "events_at_start": self.depth_at_start,
            "uncommitted_events": self.uncommitted,
            "disk_bytes": self._disk_bytes,
            "disk_bytes_limit": self.limits.disk_bytes,
            "oldest_age_s": self.lag_s(),
            "pause_reason": self.pause_reason,
            "write_error": self.backpressure.write_error,
            "damaged_files": self._segments.damaged_files,
            "events_lost": self.events_lost,
        }

    def _attempted(self) -> None:
        self._disk_bytes = self._segments.disk_bytes
        self._changed.set()

    def _committed(self, group: list[Put]) -> None:
        if group:
            self._enter(group)
        before, self.totals = self.totals, self._segments.totals
        if self.ledger:
            self.ledger.count(self.totals.since(before))

    def _enter(self, group: list[Put]) -> None:
        """Count events as durable, and let them be taken."""
        events = [event for put in group for event in put.events]
        size = sum([put.size_bytes for put in group])
        is_behind = self.progress.is_behind
        first_id = self.progress.durable_id + 1
        self.progress.durable_id += len(events)
        self._incoming.committed(len(events), size)
        self.depth += len(events)
        self.depth_bytes += size
        if self.ledger:
            count_group(self.ledger, group)
        if not is_behind and self._outgoing.ready_bytes + size <= self.limits.memory_bytes:
            self._outgoing.add(list(enumerate(events, first_id)), size, self.progress.durable_id)
        self._loader.load_if_room()

    def _loaded(self, chunk: Chunk) -> None:
        self._disk_bytes = self._segments.disk_bytes
        waiting = len(self._outgoing)
        self._lose(min(chunk.lost, self.depth - waiting))
        if not waiting:
            self.progress.acknowledged_id = self.progress.loaded_id
            self._committer.wake()

    def _leave(self, events: int, size: int) -> None:
        self.depth -= events
        self.depth_bytes = max(0, self.depth_bytes - size) if self.depth else 0
        if not self.depth + self.uncommitted:
            self.backpressure.emptied()
        self._changed.set()

    def _lose(self, events: int) -> None:
        if events <= 0:
            return
        self.events_lost += events
        self._metrics.spool_events_lost.inc(events)
        self._leave(events, 0)

    async def _wait_for_change(self) -> None:
        self._changed.clear()
        await self._changed.wait()
