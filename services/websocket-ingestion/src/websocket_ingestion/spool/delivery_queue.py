"""The way out of the spool: durable events in memory, the batches in flight, and how acknowledged ones ended."""

from __future__ import annotations

import asyncio
from collections import deque

from ha_ingestor_core.clock import Clock
from ha_ingestor_core.delivery import Receipt
from ha_ingestor_core.events import RawEvent
from ha_ingestor_core.reporting.totals import Totals, ended_by
from msgspec import Struct

from websocket_ingestion.spool.progress import Progress
from websocket_ingestion.spool.segments.records import NumberedEvent


class Taken(Struct, frozen=True, eq=False):
    """A batch in flight since `taken_ns`; it must be given to `acknowledge` once it is stored.

    It waited `gathered_ns` nanoseconds for more events before that: this is intended, and no delay.
    """

    events: list[RawEvent]
    size_bytes: int
    first_id: int
    taken_ns: int = 0
    gathered_ns: int = 0

    def due_ns(self, event: RawEvent) -> int:
        """When an event could have been sent first: its arrival, plus the time in which more was gathered."""
        return min(event.received_ns + self.gathered_ns, self.taken_ns)


class DeliveryQueue:
    """Numbered events, in their order: `ready` ones, then those in flight, then how they ended."""

    def __init__(self, progress: Progress, clock: Clock) -> None:
        self.is_gathering = False
        self.ready_bytes = 0
        self._progress = progress
        self._clock = clock
        self._ready: deque[NumberedEvent] = deque()
        self._in_flight: list[Taken] = []
        self._ends: dict[int, Totals] = {}
        self._gathered_ns = 0
        self._filled = asyncio.Event()

    @property
    def has_ready(self) -> bool:
        """Whether `take` returns at once."""
        return bool(self._ready)

    @property
    def oldest_ready(self) -> RawEvent | None:
        """The first event that can be taken."""
        return self._ready[0][1] if self._ready else None

    @property
    def oldest_in_flight(self) -> Taken | None:
        """The first batch that is not acknowledged."""
        return self._in_flight[0] if self._in_flight else None

    def __len__(self) -> int:
        return len(self._ready) + sum(len(taken.events) for taken in self._in_flight)

    def add(self, events: list[NumberedEvent], size_bytes: int, last_id: int) -> None:
        """Durable events are loaded, all there are up to the number `last_id`."""
        self._ready.extend(events)
        self.ready_bytes += size_bytes
        self._progress.loaded_id = last_id
        if self._ready:
            self._filled.set()

    def hurry(self) -> None:
        """End a `gather` whose events have become urgent."""
        self._filled.set()

    async def gather(self, events: int, longest_s: float) -> None:
        """Return once so many events are ready, or the first has been for so long, or it is urgent."""
        loop = asyncio.get_running_loop()
        self.is_gathering = True
        try:
            await self._wait_until_ready()
            begin_ns = self._clock.now_ns()
            deadline = loop.time() + longest_s
            while self._may_gather() and len(self._ready) < events:
                self._filled.clear()
                async with asyncio.timeout_at(deadline):
                    await self._filled.wait()
        except TimeoutError:
            pass
        finally:
            self.is_gathering = False
        self._gathered_ns = max(0, self._clock.now_ns() - begin_ns)

    async def take(self, max_events: int, max_bytes: int) -> Taken:
        """Wait for at least one event; then return what is ready, up to either limit."""
        await self._wait_until_ready()
        first_id, event = self._ready.popleft()
        events, size = [event], len(event.event)
        while self._ready and len(events) < max_events and size + len(self._ready[0][1].event) <= max_bytes:
            _, event = self._ready.popleft()
            size += len(event.event)
            events.append(event)
        taken = Taken(events, size, first_id, self._clock.now_ns(), self._gathered_ns)
        self._gathered_ns = 0
        self.ready_bytes -= size
        self._in_flight.append(taken)
        return taken

    def acknowledge(self, taken: Taken, receipt: Receipt) -> None:
        """A batch has ended; `acknowledged_id` moves once those before it have ended, too."""
        self._in_flight.remove(taken)
        self._ends[taken.first_id] = ended_by(receipt)
        if self._in_flight:
            first_waiting_id = self._in_flight[0].first_id
        else:  # events that can no longer be read have ended
            first_waiting_id = self._ready[0][0] if self._ready else self._progress.loaded_id + 1
        self._progress.acknowledged_id = first_waiting_id - 1

    def ends(self) -> dict[int, Totals]:
        """Return how the acknowledged events ended, by the first number of each batch, since `saved`."""
        return {first_id: end for first_id, end in self._ends.items() if first_id <= self._progress.acknowledged_id}

    def saved(self, ends: dict[int, Totals]) -> None:
        """The cursor file holds these ends."""
        for first_id in ends:
            del self._ends[first_id]

    def _may_gather(self) -> bool:
        return self._ready[0][0] > self._progress.urgent_id and not self._progress.is_behind

    async def _wait_until_ready(self) -> None:
        while not self._ready:
            self._filled.clear()
            await self._filled.wait()
