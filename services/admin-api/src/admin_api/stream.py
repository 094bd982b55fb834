"""`/stream`: one reader of the store, however many listen; who reads too slowly is dropped."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from typing import Any

import msgspec
import structlog
from ha_ingestor_core.clock import Clock, ns_to_rfc3339
from ha_ingestor_core.errors import IngestorError, ServiceUnavailableError
from ha_ingestor_store.periods import HOUR_NS, MINUTE_NS, TimeRange
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.questions import RecentEvents
from ha_ingestor_store.store import StoreReader

from admin_api.metrics import AdminApiMetrics
from admin_api.rates import events_per_minute
from admin_api.views import event_view

POLL_INTERVAL_S = 0.25
MAX_LISTENERS = 100
_STATISTICS_EVERY = 4  # polls: once a second
_BACKLOG_LIMIT = 32  # messages that may wait for a listener: some six seconds
_PAGE = 100
_MOST_AT_ONCE = 500

_log = structlog.get_logger()


class Listener:
    """One client's waiting messages."""

    def __init__(self) -> None:
        self.dropped = asyncio.Event()
        self._waiting: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def messages(self) -> AsyncIterator[bytes]:
        """Messages until the stream ends."""
        while (message := await self._waiting.get()) is not None:
            yield message

    def offer(self, message: bytes | None) -> bool:
        """Let a message wait; False when too many do already. None ends the stream."""
        if message is not None and self._waiting.qsize() >= _BACKLOG_LIMIT:
            self.dropped.set()
            return False
        self._waiting.put_nowait(message)
        return True


class Stream:
    """Reads what is new in the store while anybody listens, and tells them all."""

    def __init__(
        self,
        *,
        reader: StoreReader,
        clock: Clock,
        metrics: AdminApiMetrics,
        poll_interval_s: float = POLL_INTERVAL_S,
    ) -> None:
        self._reader = reader
        self._clock = clock
        self._metrics = metrics
        self._poll_interval_s = poll_interval_s
        self._listeners: set[Listener] = set()
        self._wanted = asyncio.Event()
        self._ready = asyncio.Event()
        self._news = NewEvents(reader)
        self._failing = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to read as soon as somebody listens."""
        self._task = asyncio.create_task(self._run(), name="event stream")

    async def stop(self) -> None:
        """End every listener's stream at once."""
        if self._task is None:
            return
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._task = None
        self._ready.set()  # for those who just came: they end as well
        for listener in self._listeners:
            listener.offer(None)

    @contextlib.asynccontextmanager
    async def listen(self) -> AsyncIterator[Listener]:
        """A listener that misses nothing from now on; raises ServiceUnavailableError when stopping or full."""
        if self._task is None:
            raise ServiceUnavailableError("the stream has ended: the service stops")
        if len(self._listeners) >= MAX_LISTENERS:
            raise ServiceUnavailableError(f"{MAX_LISTENERS} clients listen already", retry_after_s=30)
        listener = Listener()
        self._listeners.add(listener)
        self._metrics.stream_listeners.set(len(self._listeners))
        self._wanted.set()
        try:
            await self._ready.wait()
            yield listener
        finally:
            self._forget(listener)

    async def _run(self) -> None:
        while True:
            await self._wanted.wait()
            self._news = NewEvents(self._reader)
            turn = 0
            while self._listeners:
                await self._turn(with_statistics=turn % _STATISTICS_EVERY == 0)
                self._ready.set()
                turn += 1
                await asyncio.sleep(self._poll_interval_s)
            self._wanted.clear()
            self._ready.clear()

    async def _turn(self, *, with_statistics: bool) -> None:
        try:
            events = await self._news.read(self._clock.now_ns())
            if events:
                self._tell(_message("events", [event_view(point) for point in events]))
            if with_statistics:
                self._tell(_message("statistics", await self._statistics()))
        except IngestorError as err:
            if not self._failing:
                _log.warning("stream_cannot_read_store", key=err.key, error=err.message)
            self._fail(with_statistics)
        except Exception:  # a mistake of ours: without this, everybody would listen to silence from now on
            if not self._failing:
                _log.exception("stream_failed_unexpectedly")
            self._fail(with_statistics)
        else:
            self._failing = False

    def _fail(self, with_comment: bool) -> None:
        self._failing = True
        if with_comment:
            self._tell(b": the store does not answer\n\n")

    async def _statistics(self) -> dict[str, Any]:
        now_ns = self._clock.now_ns()
        quarter = TimeRange(now_ns - 15 * MINUTE_NS, now_ns)
        events, last_minute = await asyncio.gather(
            self._reader.event_count(quarter),
            self._reader.event_count(TimeRange(now_ns - MINUTE_NS, now_ns)),
        )
        return {
            "timestamp": ns_to_rfc3339(now_ns),
            "total_events": events.total,
            "events_per_minute": await events_per_minute(self._reader, quarter, events),
            "last_minute": last_minute.total,
        }

    def _tell(self, message: bytes) -> None:
        for listener in list(self._listeners):
            if not listener.offer(message):
                self._metrics.stream_listeners_dropped.inc()
                self._forget(listener)

    def _forget(self, listener: Listener) -> None:
        self._listeners.discard(listener)
        self._metrics.stream_listeners.set(len(self._listeners))


class NewEvents:
    """Tells which events of the store are new since the last reading, late ones among them.

    A reading goes back through the newest events until it meets what the reading before has seen. An event that is
    older than the newest 100 when it is stored is not told; nor are more than 500 at once.
    """

    def __init__(self, reader: StoreReader) -> None:
        self._reader = reader
        self._seen: set[tuple[Any, ...]] | None = None

    async def read(self, now_ns: int) -> list[EventPoint]:
        """What is new, oldest first; nothing at the first reading, which only looks where it stands."""
        around_now = TimeRange(now_ns - HOUR_NS, now_ns + HOUR_NS)
        question = RecentEvents(time_range=around_now, limit=_PAGE)
        page = await self._reader.recent_events(question)
        points = list(page.events)
        if self._seen is None:
            self._seen = _keys(points)
            return []
        while page.next_cursor and len(points) < _MOST_AT_ONCE and self._seen.isdisjoint(_keys(page.events)):
            page = await self._reader.recent_events(msgspec.structs.replace(question, cursor=page.next_cursor))
            points += page.events
        new = [point for point in reversed(points) if _key(point) not in self._seen]
        self._seen = _keys(points)
        return new


def _key(point: EventPoint) -> tuple[Any, ...]:
    return (point.time_ns, *point.series_key)


def _keys(points: Iterable[EventPoint]) -> set[tuple[Any, ...]]:
    return {_key(point) for point in points}


def _message(event: str, data: Any) -> bytes:
    return b"event: " + event.encode() + b"\ndata: " + msgspec.json.encode(data) + b"\n\n"
