"""The hand-over between the socket's reader and the forwarder: bounded, in memory, nothing is ever dropped.

The seam for a spool on disk: put, take, acknowledge. What was taken still counts until it is acknowledged.
"""

from __future__ import annotations

import asyncio
from collections import deque

import structlog
from ha_ingestor_core.clock import NS_PER_S, Clock
from ha_ingestor_core.events import RawEvent
from msgspec import Struct

from websocket_ingestion.metrics import IngestionMetrics

_log = structlog.get_logger()


class Taken(Struct, frozen=True, eq=False):
    """Events on their way; give them back to `acknowledge` once they are stored."""

    events: list[RawEvent]
    size_bytes: int


class Handover:
    """A queue that always takes what was read, and tells the reader to pause when it is full.

    So it holds at most its limit and one frame.
    """

    def __init__(self, *, limit: int, limit_bytes: int, clock: Clock, metrics: IngestionMetrics) -> None:
        self.limit = limit
        self.depth = 0
        self.depth_bytes = 0
        self.waits = 0
        self._limit_bytes = limit_bytes
        self._clock = clock
        self._metrics = metrics
        self._queue: deque[RawEvent] = deque()
        self._in_flight: list[Taken] = []
        self._has_warned = False
        self._filled = asyncio.Event()
        self._changed = asyncio.Event()
        metrics.handover_events.set_function(lambda: self.depth)
        metrics.handover_bytes.set_function(lambda: self.depth_bytes)

    @property
    def is_full(self) -> bool:
        """True when nothing more should be read before something is acknowledged."""
        return self.depth >= self.limit or self.depth_bytes >= self._limit_bytes

    @property
    def oldest_ns(self) -> int | None:
        """When the oldest event that is not acknowledged came; None when there is none."""
        heads = [taken.events[0] for taken in self._in_flight]
        heads += [self._queue[0]] if self._queue else []
        return min((event.received_ns for event in heads), default=None)

    def put(self, events: list[RawEvent]) -> None:
        """Take events; the caller looks at `is_full` afterwards."""
        self._queue.extend(events)
        self.depth += len(events)
        self.depth_bytes += _size(events)
        self._filled.set()

    async def wait_for_room(self) -> None:
        """Return once the hand-over is not full; a wait is counted, and is a gap if Home Assistant loses patience."""
        if not self.is_full:
            return
        self.waits += 1
        self._metrics.handover_waits.inc()
        # Under overload this happens after every batch: loud the first time, quiet until all is delivered again.
        say_full, say_room = (_log.debug, _log.debug) if self._has_warned else (_log.warning, _log.info)
        self._has_warned = True
        since = self._clock.monotonic()
        say_full("handover_full", events=self.depth, bytes=self.depth_bytes, check="is the store keeping up?")
        while self.is_full:
            await self._wait_for_change()
        say_room("handover_has_room", waited_s=round(self._clock.monotonic() - since, 3), events=self.depth)

    async def take(self, max_events: int, max_bytes: int) -> Taken:
        """Wait for at least one event; then what is there, up to either limit."""
        while not self._queue:
            self._filled.clear()
            await self._filled.wait()
        events = [self._queue.popleft()]
        size = len(events[0].event)
        while self._queue and len(events) < max_events and size + len(self._queue[0].event) <= max_bytes:
            event = self._queue.popleft()
            size += len(event.event)
            events.append(event)
        taken = Taken(events, size)
        self._in_flight.append(taken)
        return taken

    def acknowledge(self, taken: Taken) -> None:
        """Forget events that are stored."""
        self._in_flight.remove(taken)
        self.depth -= len(taken.events)
        self.depth_bytes -= taken.size_bytes
        self._has_warned = self._has_warned and self.depth > 0
        self._changed.set()

    async def wait_until_empty(self) -> None:
        """Return once everything is acknowledged."""
        while self.depth:
            await self._wait_for_change()

    def lag_s(self) -> float:
        """Age of the oldest event that is not acknowledged."""
        oldest = self.oldest_ns
        return 0.0 if oldest is None else max(0.0, (self._clock.now_ns() - oldest) / NS_PER_S)

    async def _wait_for_change(self) -> None:
        self._changed.clear()
        await self._changed.wait()


def _size(events: list[RawEvent]) -> int:
    return sum([len(event.event) for event in events])
