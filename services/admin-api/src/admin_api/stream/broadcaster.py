"""`/stream`: one reader of the store for all listeners, each with its filter; a slow listener is disconnected."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import structlog
from ha_ingestor_core.clock import Clock, ns_to_rfc3339
from ha_ingestor_core.errors import BackpressureError, IngestorError, ServiceUnavailableError
from ha_ingestor_core.live_filter import EVERY_EVENT, LiveFilter
from ha_ingestor_core.tasks import supervised
from ha_ingestor_store.periods import HOUR_NS, MINUTE_NS, TimeRange
from ha_ingestor_store.store import StoreReader

from admin_api.metrics import AdminApiMetrics
from admin_api.stats.sources.rates import events_per_minute
from admin_api.stream.handover import Handover, Handovers
from admin_api.stream.messages import MISSED, MessageId, NewsMessage, NewsMessages, Wanted
from admin_api.stream.new_events import Key, NewEvents, News
from admin_api.stream.server_sent_events import RECONNECT, event_message

POLL_INTERVAL_S = 0.25
MAX_LISTENERS = 100
MAX_OF_ONE = 20
"""Places that one token, or one address without a token, can take."""
LINGER_S = 30.0
"""How long the store is read on after the last listener went, so that one who comes back misses nothing."""
_READY_WAIT_S = 1.0
"""How long one who comes waits for the first reading; of a store that hangs it takes ten seconds, and tells nothing."""
_LAST_TURN_S = 0.5
"""How long a reading may take that is under way at the end; one that is cut off leaves nothing to hand over."""
_CATCH_UP_S = 5.0
_LIKELY_TWICE_S = 30.0
"""How long this instance may send what the one before has sent: both read the store at their own moments."""
_STATISTICS_EVERY = 4  # polls: once a second
_LATE_EVERY = 8
_BACKLOG_LIMIT = 32  # messages that may wait for a listener: some six seconds

_log = structlog.get_logger()


class Listener:
    """One client's waiting messages.

    `held` are those that wait until it has what it missed on another instance, `was_sent` what it has had there.
    """

    def __init__(self, who: str | None = None, wanted: LiveFilter = EVERY_EVENT) -> None:
        self.who = who
        self.wanted = Wanted(wanted)
        self.dropped = asyncio.Event()
        self.held: list[NewsMessage] | None = None
        self.was_sent: Callable[[Key], bool] | None = None
        self.was_sent_until = 0.0
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
        data_dir: Path | None = None,
        poll_interval_s: float = POLL_INTERVAL_S,
        linger_s: float = LINGER_S,
    ) -> None:
        self._reader = reader
        self._clock = clock
        self._metrics = metrics
        self._poll_interval_s = poll_interval_s
        self._linger_turns = round(linger_s / poll_interval_s)
        self._listeners: set[Listener] = set()
        self._wanted = asyncio.Event()
        self._stopping = asyncio.Event()
        self._handovers = None if data_dir is None else Handovers(data_dir)
        self._ready = asyncio.Event()
        self._news = NewEvents(reader)
        self._messages = NewsMessages()
        self._greetings: dict[str, Callable[[], Any]] = {}
        self._failing = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to read as soon as somebody listens."""
        self._task = supervised(self._run, name="event stream")

    async def stop(self) -> None:
        """Ask every listener to reconnect, after what they have had was handed over to the instance that they reach."""
        if self._task is None:
            return
        task, self._task = self._task, None
        self._stopping.set()
        self._wanted.set()
        is_whole = bool((await asyncio.wait({task}, timeout=_LAST_TURN_S))[0])
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if is_whole and self._handovers is not None and (seen := self._news.seen) is not None:
            handover = Handover(self._messages.run, self._messages.last, self._clock.now_ns(), seen)
            await asyncio.to_thread(self._handovers.write, handover)
        self._ready.set()  # for those who just came: they end as well
        for listener in self._listeners:
            self._end(listener)

    def greet(self, event: str, data: Callable[[], Any]) -> None:
        """Tell this to everybody who comes."""
        self._greetings[event] = data

    def publish(self, event: str, data: Any) -> None:
        """Tell this to all who listen now."""
        self._tell(event_message(event, data))

    @contextlib.asynccontextmanager
    async def listen(
        self, last_event_id: str | None = None, *, wanted: LiveFilter = EVERY_EVENT, who: str | None = None
    ) -> AsyncIterator[Listener]:
        """A listener that misses no wanted event from now on, or from the message of an id on, where it is still known.

        An id of an instance that has stopped is known where it left what it had sent.
        While the store does not answer, "now" is when it does again.
        Raises ServiceUnavailableError when full, and BackpressureError where `who` has taken its places. A service that
        stops asks to reconnect, and nothing more.
        """
        if self._task is None:
            listener = Listener(who, wanted)
            self._end(listener, last_event_id)
            yield listener
            return
        if len(self._listeners) >= MAX_LISTENERS:
            raise ServiceUnavailableError(f"{MAX_LISTENERS} clients listen already", retry_after_s=30)
        if who is not None and sum(each.who == who for each in self._listeners) >= MAX_OF_ONE:
            raise BackpressureError(f"{MAX_OF_ONE} streams are open with this token or address", retry_after_s=30)
        listener = Listener(who, wanted)
        for event, data in self._greetings.items():
            listener.offer(event_message(event, data()))
        last = None if last_event_id is None else MessageId.of(last_event_id)
        handover = None if last is None else await self._handover_of(last)
        if handover is not None:
            listener.held = []
        elif last_event_id is not None and (missed := self._messages.after(last, listener.wanted)):
            listener.offer(missed)
        id_line = self._messages.id_line
        self._listeners.add(listener)
        self._metrics.stream_listeners.set(len(self._listeners))
        self._wanted.set()
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_READY_WAIT_S):
                    await self._ready.wait()
            if handover is not None:
                await self._catch_up(listener, handover, id_line)
            yield listener
        finally:
            self._forget(listener)

    async def _handover_of(self, last: MessageId) -> Handover | None:
        """What the instance of an id has sent; None where it goes on, left nothing, or sent more than arrived."""
        if self._handovers is None or last.run == self._messages.run:
            return None
        handover = await asyncio.to_thread(self._handovers.read, last.run)
        if handover is None or handover.last != last.number:
            return None
        return handover if 0 <= self._clock.now_ns() - handover.at_ns < HOUR_NS else None  # a reading covers an hour

    async def _catch_up(self, listener: Listener, handover: Handover, id_line: bytes) -> None:
        """Send what was stored since another instance stopped; what comes meanwhile waits, and is not sent twice."""
        news = NewEvents.going_on(self._reader, handover.seen)
        try:
            async with asyncio.timeout(_CATCH_UP_S):
                found = [await news.read(self._clock.now_ns()), await news.read_late()]
        except (IngestorError, TimeoutError):
            listener.offer(MISSED)
        else:
            points = [point for each in found for point in each.events]
            self._offer(listener, NewsMessage(0, id_line, points).text(listener.wanted))
            if not all(each.is_complete for each in found):
                listener.offer(MISSED)
            listener.was_sent = news.has_seen
            listener.was_sent_until = self._clock.monotonic() + _LIKELY_TWICE_S
        held, listener.held = listener.held or [], None
        for message in held:
            self._offer(listener, message.text(listener.wanted, listener.was_sent))

    async def _run(self) -> None:
        while True:
            await self._wanted.wait()
            self._news = NewEvents(self._reader)
            turn = alone = 0
            while not self._stopping.is_set() and (self._listeners or alone < self._linger_turns):
                await self._turn(turn)
                self._ready.set()
                turn += 1
                alone = 0 if self._listeners else alone + 1
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._poll_interval_s):
                        await self._stopping.wait()
            if self._stopping.is_set():
                return
            self._news = NewEvents(self._reader)
            self._messages.forget()
            self._wanted.clear()
            self._ready.clear()

    async def _turn(self, turn: int) -> None:
        with_statistics = bool(self._listeners) and turn % _STATISTICS_EVERY == 0
        try:
            self._tell_news(await self._news.read(self._clock.now_ns()))
            if turn % _LATE_EVERY == _LATE_EVERY - 1:
                self._tell_news(await self._news.read_late())
            if with_statistics:
                self._tell_statistics(event_message("statistics", await self._statistics()))
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

    def _tell_news(self, news: News) -> None:
        if news.events:
            message = self._messages.add(news.events)
            texts: dict[LiveFilter, bytes | None] = {}
            for listener in list(self._listeners):
                wanted = listener.wanted
                if listener.held is not None:
                    listener.held.append(message)
                elif listener.was_sent is not None:
                    self._offer(listener, message.text(wanted, listener.was_sent))
                    if self._clock.monotonic() >= listener.was_sent_until:
                        listener.was_sent = None
                else:
                    if wanted.filter not in texts:
                        texts[wanted.filter] = message.text(wanted)
                    self._offer(listener, texts[wanted.filter])
        if not news.is_complete:
            self._tell(MISSED)

    def _tell_statistics(self, message: bytes) -> None:
        """A listener whose filter lets little pass learns so up to where it has seen everything, for its return."""
        with_id = self._messages.id_line + message
        for listener in list(self._listeners):
            self._offer(listener, message if listener.wanted.accepts is None else with_id)

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

    def _end(self, listener: Listener, last_event_id: str | None = None) -> None:
        """Ask a listener to reconnect, as from the last message that it has seen."""
        id_line = self._messages.id_line if last_event_id is None else b""
        listener.offer(id_line + RECONNECT)
        listener.offer(None)

    def _tell(self, message: bytes) -> None:
        for listener in list(self._listeners):
            self._offer(listener, message)

    def _offer(self, listener: Listener, message: bytes | None) -> None:
        if message is not None and not listener.offer(message):
            self._metrics.stream_listeners_dropped.inc()
            self._forget(listener)

    def _forget(self, listener: Listener) -> None:
        self._listeners.discard(listener)
        self._metrics.stream_listeners.set(len(self._listeners))
