"""Between the socket's reader and the forwarder: events are on disk before they count, until they are acknowledged.

The reader puts into memory and never waits for the disk; whatever gathered while one commit ran is the next. What is
durable is taken from memory where it still is, else read again. Put, take, acknowledge: the order is kept throughout.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol, TypeVar

import structlog
from ha_ingestor_core.clock import NS_PER_S, Clock
from ha_ingestor_core.delivery import Receipt
from ha_ingestor_core.events import OriginKind, RawEvent
from ha_ingestor_core.reporting.totals import Totals, ended_by
from ha_ingestor_core.tasks import supervised
from msgspec import Struct

from websocket_ingestion.metrics import IngestionMetrics
from websocket_ingestion.pause_reason import WHAT_TO_CHECK, PauseReason
from websocket_ingestion.spool.limits import USUAL_LIMITS, SpoolLimits
from websocket_ingestion.spool.segments.records import NumberedEvent
from websocket_ingestion.spool.segments.segment import Chunk
from websocket_ingestion.spool.segments.segment_log import SegmentLog

_log = structlog.get_logger()

T = TypeVar("T")

_GROUP_BYTES = 4 * 1024 * 1024
_SHORTEST_REST_S = 0.005
_LONGEST_REST_S = 0.25
_BACKLOG_EVENTS = 10_000
"""More than this wait for a store that is behind, and not for others to share a write with."""
_MANY_EVENTS, _MANY_BYTES = 50, 256 * 1024
"""So much is synced without waiting for more; well below a group, which has to hold all that was written ahead."""


class _Put(Struct, frozen=True, gc=False):
    events: list[RawEvent]
    size_bytes: int


class Taken(Struct, frozen=True, eq=False):
    """Events on their way since `taken_ns`; give them back to `acknowledge` once they are stored.

    Before that they waited for more to come, for `gathered_ns` nanoseconds: that is intended, and no delay.
    """

    events: list[RawEvent]
    size_bytes: int
    first_id: int
    taken_ns: int = 0
    gathered_ns: int = 0

    def due_ns(self, event: RawEvent) -> int:
        """When an event could have gone first: its arrival, but for the time in which more was gathered."""
        return min(event.received_ns + self.gathered_ns, self.taken_ns)


class Ledger(Protocol):
    """Whoever counts what the spool has taken, and what it has lost."""

    def count_received(self, kind: OriginKind, events: int) -> None:
        """So many events of this kind are durable now."""
        ...

    def count(self, change: Totals) -> None:
        """The totals on disk have changed by so much."""
        ...


def rest_after(commit_s: float) -> float:
    """Seconds between two commits: as long as the last one took, so that a slow disk is half free for the store."""
    return min(max(commit_s, _SHORTEST_REST_S), _LONGEST_REST_S)


class Spool:
    """The spool of one home. All but `start` and `stop` is quick, and belongs to the event loop.

    It always takes what was read and tells the reader to pause when it is full: so it holds its limits and one frame.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock,
        metrics: IngestionMetrics,
        limits: SpoolLimits = USUAL_LIMITS,
        folder: SegmentLog | None = None,
    ) -> None:
        self.limits = limits
        self.ledger: Ledger | None = None
        self.totals = Totals()
        """What the disk knows: received and ended since the spool was made. It may be a moment behind `depth`."""
        self.depth = 0
        self.depth_bytes = 0
        self.depth_at_start = 0
        self.uncommitted = 0
        self.waits = 0
        self.events_lost = 0
        self.write_error: str | None = None
        self._clock = clock
        self._metrics = metrics
        self._folder = folder or SegmentLog(path, segment_bytes=limits.segment_bytes)
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="spool")
        self._disk_bytes = 0
        self._incoming: deque[_Put] = deque()
        self._uncommitted_bytes = 0
        self._ready: deque[NumberedEvent] = deque()
        self._ready_bytes = 0
        self._in_flight: list[Taken] = []
        self._ends: dict[int, Totals] = {}
        self._durable_id = 0
        self._loaded_id = 0
        self._acknowledged_id = 0
        self._forgotten_id = 0
        self._wanted_id = 0
        self._is_gathering = False
        self._gathered_ns = 0
        self._has_warned = False
        self._is_stopping = False
        self._dirty = asyncio.Event()
        self._may_load = asyncio.Event()
        self._filled = asyncio.Event()
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        metrics.spool_events.set_function(lambda: self.depth)
        metrics.spool_bytes.set_function(lambda: self.depth_bytes)
        metrics.spool_oldest_seconds.set_function(self.lag_s)
        metrics.spool_disk_bytes.set_function(lambda: self._disk_bytes)
        metrics.spool_limit_bytes.set(limits.disk_bytes)
        metrics.reading_paused.set_function(lambda: self.is_full)
        metrics.spool_damaged_files.set_function(lambda: self._folder.damaged_files)

    @property
    def is_running(self) -> bool:
        """True between start and stop, unless it died."""
        return bool(self._tasks) and not any(task.done() for task in self._tasks)

    @property
    def pause_reason(self) -> PauseReason | None:
        """Why nothing more should be read for now; None when it may be."""
        if self.write_error is not None:
            return PauseReason.NOT_WRITABLE
        if self._disk_bytes + self._uncommitted_bytes >= self.limits.disk_bytes:
            return PauseReason.SPOOL_FULL
        if self._uncommitted_bytes >= self.limits.memory_bytes:
            return PauseReason.MEMORY_FULL
        return None

    @property
    def is_full(self) -> bool:
        """True when nothing more should be read before something has changed."""
        return self.pause_reason is not None

    @property
    def has_more(self) -> bool:
        """Whether `take` would return at once."""
        return bool(self._ready)

    @property
    def oldest_ns(self) -> int | None:
        """When the oldest event that is not acknowledged came; None when there is none."""
        heads = [taken.events[0] for taken in self._in_flight[:1]]
        heads += [self._ready[0][1]] if self._ready else []
        heads += [self._incoming[0].events[0]] if self._incoming else []
        return min((event.received_ns for event in heads), default=None)

    async def start(self) -> None:
        """Find what an earlier process left, and begin; raises SpoolUnusableError."""
        found = await self._on_disk(self._folder.open)
        self.depth = self.depth_at_start = found.events + found.lost
        self.depth_bytes = found.event_bytes
        self._acknowledged_id = self._forgotten_id = self._folder.acknowledged_id
        self._loaded_id = self._acknowledged_id
        self._durable_id = self._wanted_id = self._folder.durable_id
        self._disk_bytes = self._folder.disk_bytes
        self.totals = self._folder.totals
        self._lose(found.lost)
        if self.depth:
            _log.info("spool_has_events", events=self.depth, bytes=self.depth_bytes)
        self._look_for_more()
        self._tasks = [
            supervised(self._commit_for_ever, name="spool writer", restart=False),
            supervised(self._load_for_ever, name="spool reader", restart=False),
        ]

    async def stop(self) -> None:
        """Write down what is in memory, and let go of the files; what is on disk waits for the next start."""
        self._is_stopping = True
        self._dirty.set()
        if self._tasks:
            writer, reader = self._tasks
            reader.cancel()
            await asyncio.gather(writer, reader, return_exceptions=True)
            await self._on_disk(self._folder.close)
            self._tasks = []
        self._disk.shutdown(wait=False)
        if self.uncommitted:
            _log.error("events_not_spooled", events=self.uncommitted, error=self.write_error)

    def put(self, events: list[RawEvent]) -> None:
        """Take events of one kind; the caller looks at `is_full` afterwards."""
        if not events:
            return
        size = _size(events)
        self._incoming.append(_Put(events, size))
        self.uncommitted += len(events)
        self._uncommitted_bytes += size
        if events[0].kind is not OriginKind.LIVE:
            self.hurry()  # gap filling waits until these have ended
        self._dirty.set()

    def hurry(self) -> None:
        """Let nothing that is here wait for more to come."""
        self._wanted_id = self._durable_id + self.uncommitted
        self._dirty.set()
        self._filled.set()

    async def deliver_now(self, within_s: float) -> None:
        """Return once all that is here is acknowledged, or that time is over; at once where far more waits anyway."""
        self.hurry()
        if self.depth > _BACKLOG_EVENTS:
            return
        wanted = self._wanted_id
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self._acknowledged_id < wanted:
                    await self._wait_for_change()

    async def wait_until_durable(self) -> None:
        """Return once all that is here now is on the disk."""
        self.hurry()
        wanted = self._wanted_id
        while self._durable_id < wanted:
            await self._wait_for_change()

    async def gather(self, events: int, longest_s: float) -> None:
        """Return once so many events are ready, or the first has been for so long, or `hurry` was called."""
        loop = asyncio.get_running_loop()
        self._is_gathering = True
        try:
            await self._wait_until_ready()
            begin_ns = self._clock.now_ns()
            deadline = loop.time() + longest_s
            while self._ready[0][0] > self._wanted_id and len(self._ready) < events and not self._is_behind:
                self._filled.clear()
                async with asyncio.timeout_at(deadline):
                    await self._filled.wait()
        except TimeoutError:
            pass
        finally:
            self._is_gathering = False
        self._gathered_ns = max(0, self._clock.now_ns() - begin_ns)

    async def wait_for_room(self) -> None:
        """Return once the spool is not full; a wait is counted, and is a gap if Home Assistant loses patience."""
        reason = self.pause_reason
        if reason is None:
            return
        self.waits += 1
        self._metrics.reading_pauses[reason].inc()
        # Under overload this happens again and again: loud the first time, quiet until all is delivered again.
        say_full, say_room = (_log.debug, _log.debug) if self._has_warned else (_log.warning, _log.info)
        self._has_warned = True
        since = self._clock.monotonic()
        say_full(
            "reading_paused",
            reason=reason.value,
            events=self.depth,
            bytes=self.depth_bytes,
            check=WHAT_TO_CHECK[reason],
        )
        while self.is_full:
            await self._wait_for_change()
        say_room("reading_resumed", waited_s=round(self._clock.monotonic() - since, 3), events=self.depth)

    async def take(self, max_events: int, max_bytes: int) -> Taken:
        """Wait for at least one durable event; then what is in memory, up to either limit."""
        await self._wait_until_ready()
        first_id, event = self._ready.popleft()
        events, size = [event], len(event.event)
        while self._ready and len(events) < max_events and size + len(self._ready[0][1].event) <= max_bytes:
            _, event = self._ready.popleft()
            size += len(event.event)
            events.append(event)
        taken = Taken(events, size, first_id, self._clock.now_ns(), self._gathered_ns)
        self._gathered_ns = 0
        self._ready_bytes -= size
        self._in_flight.append(taken)
        self._look_for_more()
        return taken

    def acknowledge(self, taken: Taken, receipt: Receipt) -> None:
        """Forget events that have ended as the receipt says: the files remember up to the first one that has not."""
        self._in_flight.remove(taken)
        self._ends[taken.first_id] = ended_by(receipt)
        self._acknowledged_id = self._first_waiting_id() - 1
        self._leave(len(taken.events), taken.size_bytes)
        self._dirty.set()

    async def wait_until_empty(self) -> None:
        """Return once everything is acknowledged, and the disk knows it."""
        while self.depth or self.uncommitted or self.totals.queued:
            await self._wait_for_change()

    def lag_s(self) -> float:
        """How long the oldest event that is not acknowledged has been due.

        One that is gathered is not due yet, nor one that waits for its sync, for as long as that may take.
        """
        oldest = self.oldest_ns
        if oldest is None or (self._is_gathering and self._ready and not self._in_flight):
            return 0.0
        if self._in_flight:
            oldest = self._in_flight[0].due_ns(self._in_flight[0].events[0])
        elif self._is_gathering:
            oldest += round(self.limits.sync_s * NS_PER_S)
        return max(0.0, (self._clock.now_ns() - oldest) / NS_PER_S)

    def status(self) -> dict[str, Any]:
        """The `spool` of /stats."""
        return {
            "events_at_start": self.depth_at_start,
            "uncommitted_events": self.uncommitted,
            "disk_bytes": self._disk_bytes,
            "disk_bytes_limit": self.limits.disk_bytes,
            "oldest_age_s": self.lag_s(),
            "pause_reason": self.pause_reason,
            "write_error": self.write_error,
            "damaged_files": self._folder.damaged_files,
            "events_lost": self.events_lost,
        }

    async def _commit_for_ever(self) -> None:
        while not (self._is_stopping and self._is_written()):
            await self._dirty.wait()
            self._dirty.clear()
            begin = self._clock.monotonic()
            try:
                if self.limits.sync_s:
                    await self._write_ahead()
                    begin = self._clock.monotonic()
                await self._commit()
            except Exception as err:
                self._note_failure(err)
                if self._is_stopping:
                    return
                await asyncio.sleep(self.limits.retry_s)
                self._dirty.set()
                continue
            took = self._clock.monotonic() - begin
            self._metrics.commit_seconds.observe(took)
            if not self._is_stopping and self._uncommitted_bytes < _GROUP_BYTES:
                await asyncio.sleep(rest_after(took))

    async def _write_ahead(self) -> None:
        """Write what comes, without a sync, until one is due: few events a second then share one."""
        loop = asyncio.get_running_loop()
        due = loop.time() + self.limits.sync_s
        while self._incoming and self._may_wait_for_sync():
            self._dirty.clear()  # before the write: what comes meanwhile has to be noticed after it
            events = [event for put in self._incoming for event in put.events]
            if len(events) > self._folder.ahead:
                await self._on_disk(self._folder.write_ahead, events[self._folder.ahead :])
            try:
                async with asyncio.timeout_at(due):
                    await self._dirty.wait()
                    await asyncio.sleep(_SHORTEST_REST_S)
            except TimeoutError:
                break

    def _may_wait_for_sync(self) -> bool:
        is_wanted = self._wanted_id > self._durable_id
        is_much = self.uncommitted >= _MANY_EVENTS or self._uncommitted_bytes >= _MANY_BYTES
        return not (is_wanted or is_much or self._is_stopping)

    async def _commit(self) -> None:
        group = self._next_group()
        events = [event for put in group for event in put.events]
        acknowledged = self._acknowledged_id
        ends = {first_id: ended for first_id, ended in self._ends.items() if first_id <= acknowledged}
        try:
            await self._on_disk(self._folder.commit, events, acknowledged, ends, self._clock.now_ns())
        except BaseException:
            self._incoming.extendleft(reversed(group))
            raise
        finally:
            self._disk_bytes = self._folder.disk_bytes
            self._changed.set()
        self._forgotten_id = acknowledged
        for first_id in ends:
            del self._ends[first_id]
        self._note_success()
        self._enter(group, events)
        self._count()
        if self._incoming or self._acknowledged_id != acknowledged:
            self._dirty.set()

    def _next_group(self) -> list[_Put]:
        group: list[_Put] = []
        size = 0
        while self._incoming and size < _GROUP_BYTES:
            put = self._incoming.popleft()
            size += put.size_bytes
            group.append(put)
        return group

    def _enter(self, group: list[_Put], events: list[RawEvent]) -> None:
        """Events are durable: they count from now on, and may be taken."""
        if not events:
            return
        size = sum([put.size_bytes for put in group])
        is_behind = self._is_behind
        first_id = self._durable_id + 1
        self._durable_id += len(events)
        self.uncommitted -= len(events)
        self._uncommitted_bytes -= size
        self.depth += len(events)
        self.depth_bytes += size
        if self.ledger:
            for kind, puts in groupby(group, key=_kind):
                self.ledger.count_received(kind, sum([len(put.events) for put in puts]))
        if not is_behind and self._ready_bytes + size <= self.limits.memory_bytes:
            self._make_ready(list(enumerate(events, first_id)), size, self._durable_id)
        self._look_for_more()

    def _count(self) -> None:
        before, self.totals = self.totals, self._folder.totals
        if self.ledger:
            self.ledger.count(self.totals.since(before))

    async def _load_for_ever(self) -> None:
        while True:
            await self._may_load.wait()
            self._may_load.clear()
            if self._loaded_id >= self._durable_id:
                # Asked for while the last read ran, which brought it. To read now would overlap with `_enter`, which
                # takes what comes straight from memory: it would be read, and delivered, once more.
                continue
            try:
                chunk = await self._on_disk(self._folder.read_after, self._loaded_id, self._durable_id)
            except Exception:
                _log.exception("spool_not_read")
                await asyncio.sleep(self.limits.retry_s)
                self._may_load.set()
                continue
            self._take_in(chunk)

    def _take_in(self, chunk: Chunk) -> None:
        self._make_ready(chunk.events, _size([event for _, event in chunk.events]), chunk.last_id)
        self._disk_bytes = self._folder.disk_bytes
        waiting = len(self._ready) + sum(len(taken.events) for taken in self._in_flight)
        self._lose(min(chunk.lost, self.depth - waiting))
        if not self._ready and not self._in_flight:
            self._acknowledged_id = self._loaded_id
            self._dirty.set()
        self._look_for_more()

    def _first_waiting_id(self) -> int:
        """The first number whose event has not ended; those that can't be read any more have."""
        if self._in_flight:
            return self._in_flight[0].first_id
        return self._ready[0][0] if self._ready else self._loaded_id + 1

    def _make_ready(self, events: list[NumberedEvent], size: int, last_id: int) -> None:
        self._ready.extend(events)
        self._ready_bytes += size
        self._loaded_id = last_id
        if self._ready:
            self._filled.set()

    def _look_for_more(self) -> None:
        """Read on where more is on disk and half of the memory is free."""
        if self._loaded_id < self._durable_id and self._ready_bytes < self.limits.memory_bytes // 2:
            self._may_load.set()

    def _leave(self, events: int, size: int) -> None:
        self.depth -= events
        self.depth_bytes = max(0, self.depth_bytes - size) if self.depth else 0
        self._has_warned = self._has_warned and self.depth + self.uncommitted > 0
        self._changed.set()

    def _lose(self, events: int) -> None:
        if events <= 0:
            return
        self.events_lost += events
        self._metrics.spool_events_lost.inc(events)
        self._leave(events, 0)

    def _is_written(self) -> bool:
        return not self._incoming and self._forgotten_id == self._acknowledged_id

    def _note_failure(self, err: Exception) -> None:
        self._metrics.commit_failures.inc()
        if self.write_error is None:
            if isinstance(err, OSError):
                _log.error("spool_not_writable", error=str(err), then="reading pauses; tried again until it works")
            else:
                _log.exception("spool_failed_unexpectedly")
        self.write_error = str(err) or type(err).__name__

    def _note_success(self) -> None:
        if self.write_error is not None:
            _log.info("spool_writable_again", error=self.write_error)
        self.write_error = None

    @property
    def _is_behind(self) -> bool:
        """Whether more is durable than memory holds."""
        return self._loaded_id < self._durable_id

    async def _wait_until_ready(self) -> None:
        while not self._ready:
            self._filled.clear()
            await self._filled.wait()

    async def _wait_for_change(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    async def _on_disk(self, call: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._disk, call, *arguments)


def _kind(put: _Put) -> OriginKind:
    return put.events[0].kind


def _size(events: list[RawEvent]) -> int:
    size = 0
    for event in events:  # mostly there is one, for which a comprehension takes three times as long
        size += len(event.event)
    return size
