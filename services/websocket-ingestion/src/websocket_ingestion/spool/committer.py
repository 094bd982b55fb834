"""Writes the spool's events to the disk, group by group: what gathered while one commit ran is the next group."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ha_ingestor_core.clock import Clock

from websocket_ingestion.metrics import IngestionMetrics
from websocket_ingestion.spool.backpressure import Backpressure
from websocket_ingestion.spool.delivery_queue import DeliveryQueue
from websocket_ingestion.spool.disk_thread import DiskThread
from websocket_ingestion.spool.limits import SpoolLimits
from websocket_ingestion.spool.progress import Progress
from websocket_ingestion.spool.segments.segment_log import SegmentLog
from websocket_ingestion.spool.write_queue import GROUP_BYTES, Put, WriteQueue

_SHORTEST_REST_S = 0.005
_LONGEST_REST_S = 0.25
_MANY_EVENTS, _MANY_BYTES = 50, 256 * 1024
"""Events that are synced without waiting for more; well below a group, which has to hold all that is written ahead."""


def rest_after(commit_s: float) -> float:
    """Seconds between two commits: as long as the last one took, so that a slow disk is half free for the store."""
    return min(max(commit_s, _SHORTEST_REST_S), _LONGEST_REST_S)


class Committer:
    """Commits from `run` to `stop`; `on_commit` gets each group once it is durable."""

    def __init__(
        self,
        *,
        log: SegmentLog,
        disk: DiskThread,
        incoming: WriteQueue,
        outgoing: DeliveryQueue,
        progress: Progress,
        backpressure: Backpressure,
        limits: SpoolLimits,
        clock: Clock,
        metrics: IngestionMetrics,
        on_attempt: Callable[[], None],
        on_commit: Callable[[list[Put]], None],
    ) -> None:
        self._log = log
        self._disk = disk
        self._incoming = incoming
        self._outgoing = outgoing
        self._progress = progress
        self._backpressure = backpressure
        self._limits = limits
        self._clock = clock
        self._metrics = metrics
        self._on_attempt = on_attempt
        self._on_commit = on_commit
        self._is_stopping = False
        self._dirty = asyncio.Event()

    def wake(self) -> None:
        """Something is to be written: events, or an acknowledgement."""
        self._dirty.set()

    def stop(self) -> None:
        """Make `run` return once everything is written, or a write has failed."""
        self._is_stopping = True
        self._dirty.set()

    async def run(self) -> None:
        """Write all events and acknowledgements; a failed write is repeated until it succeeds."""
        while not (self._is_stopping and self._is_written()):
            await self._dirty.wait()
            self._dirty.clear()
            begin = self._clock.monotonic()
            try:
                if self._limits.sync_s:
                    await self._write_ahead()
                    begin = self._clock.monotonic()
                await self._commit()
            except Exception as err:
                self._backpressure.write_failed(err)
                if self._is_stopping:
                    return
                await asyncio.sleep(self._limits.retry_s)
                self._dirty.set()
                continue
            took = self._clock.monotonic() - begin
            self._metrics.commit_seconds.observe(took)
            if not self._is_stopping and self._incoming.size_bytes < GROUP_BYTES:
                await asyncio.sleep(rest_after(took))

    async def _write_ahead(self) -> None:
        """Write new events without a sync until one is due, so that few events per second share one."""
        loop = asyncio.get_running_loop()
        due = loop.time() + self._limits.sync_s
        while not self._incoming.is_empty and self._may_wait_for_sync():
            self._dirty.clear()  # before the write: events that arrive meanwhile are handled after it
            events = self._incoming.after(self._log.ahead)
            if events:
                await self._disk.run(self._log.write_ahead, events)
            try:
                async with asyncio.timeout_at(due):
                    await self._dirty.wait()
                    await asyncio.sleep(_SHORTEST_REST_S)
            except TimeoutError:
                break

    def _may_wait_for_sync(self) -> bool:
        is_urgent = self._progress.urgent_id > self._progress.durable_id
        is_much = self._incoming.events >= _MANY_EVENTS or self._incoming.size_bytes >= _MANY_BYTES
        return not (is_urgent or is_much or self._is_stopping)

    async def _commit(self) -> None:
        group = self._incoming.next_group()
        events = [event for put in group for event in put.events]
        acknowledged_id, ends = self._progress.acknowledged_id, self._outgoing.ends()
        try:
            await self._disk.run(self._log.commit, events, acknowledged_id, ends, self._clock.now_ns())
        except BaseException:
            self._incoming.put_back(group)
            raise
        finally:
            self._on_attempt()
        self._progress.saved_id = acknowledged_id
        self._outgoing.saved(ends)
        self._backpressure.write_succeeded()
        self._on_commit(group)
        if not self._incoming.is_empty or self._progress.acknowledged_id != acknowledged_id:
            self._dirty.set()

    def _is_written(self) -> bool:
        return self._incoming.is_empty and self._progress.saved_id == self._progress.acknowledged_id
