"""The broadcaster of `/stream`: reads the store once for all listeners, each with a filter; drops slow listeners."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import structlog
from ha_ingestor_core.clock import Clock, ns_to_rfc3339
from ha_ingestor_core.errors import BackpressureError, IngestorError, ServiceUnavailableError
from ha_ingestor_core.filters.live_filter import EVERY_EVENT, LiveFilter
from ha_ingestor_core.tasks import supervised
from ha_ingestor_store.store import StoreReader
from ha_ingestor_store.time_range import HOUR_NS, MINUTE_NS, TimeRange

from admin_api.metrics import AdminApiMetrics
from admin_api.stats.sources.rates import events_per_minute
from admin_api.stream.handover import Handover, Handovers
from admin_api.stream.listener import Listener
from admin_api.stream.messages import MISSED, EventsMessage, EventsMessages, MessageId
from admin_api.stream.new_events import FoundEvents, NewEvents
from admin_api.stream.server_sent_events import RECONNECT, event_message

POLL_INTERVAL_S = 0.25
MAX_LISTENERS = 100
MAX_OF_ONE = 20
"""Maximum number of streams per token, or per address without a token."""
LINGER_S = 30.0
"""Time for which the store is still read after the last listener has disconnected, so that it can resume."""
_READY_WAIT_S = 1.0
"""Time that a new listener waits for the first reading, which takes ten seconds if the store hangs."""
_LAST_TURN_S = 0.5
"""Time that a running reading has to complete at shutdown; a cancelled one leaves no handover."""
_CATCH_UP_S = 5.0
_LIKELY_TWICE_S = 30.0
"""Time in which both instances may read the same events, so that duplicates are filtered."""
_STATISTICS_EVERY = 4  # polls: once a second
_LATE_EVERY = 8

_log = structlog.get_logger()


class Stream:
    """Reads new events from the store while there are listeners, and sends them to all."""

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
        self._new_events = NewEvents(reader)
        self._messages = EventsMessages()
        self._greetings: dict[str, Callable[[], Any]] = {}
        self._failing = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start; the store is read once there is a listener."""
        self._task = supervised(self._run, name="event stream")

    async def stop(self) -> None:
        """Save the handover for the next instance, then ask every listener to reconnect."""
        if self._task is None:
            return
        task, self._task = self._task, None
        self._stopping.set()
        self._wanted.set()
        is_whole = bool((await asyncio.wait({task}, timeout=_LAST_TURN_S))[0])
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if is_whole and self._handovers is not None and (seen := self._new_events.seen) is not None:
            handover = Handover(self._messages.run, self._messages.last, self._clock.now_ns(), seen)
            await asyncio.to_thread(self._handovers.write, handover)
        self._ready.set()  # release listeners that have just connected
        for listener in self._listeners:
            self._end(listener)

    def greet(self, event: str, data: Callable[[], Any]) -> None:
        """Send this event to every new listener."""
        self._greetings[event] = data

    def publish(self, event: str, data: Any) -> None:
        """Send this event to all listeners."""
        self._send_to_all(event_message(event, data))

    @contextlib.asynccontextmanager
    async def listen(
        self, last_event_id: str | None = None, *, wanted: LiveFilter = EVERY_EVENT, who: str | None = None
    ) -> AsyncIterator[Listener]:
        """Open a listener that receives all matching events from now on, or from `last_event_id` on if still known.

        Ids of a stopped instance are known if it has saved its handover. While the store is unavailable, "now" is the
        time when it is available again. After `stop` the listener only receives `reconnect`.

        Raises ServiceUnavailableError if there are too many listeners, and BackpressureError if `who` has too many.
        """
        last = None if last_event_id is None else MessageId.of(last_event_id)
        # First, as nothing may be awaited between the count of the places and the taking of one.
        handover = None if last is None else await self._handover_of(last)
        if self._task is None:
            listener = Listener(who, wanted)
            self._end(listener, last_event_id)
            yield listener
            return
        if len(self._listeners) >= MAX_LISTENERS:
            raise ServiceUnavailableError(
                f"The limit of {MAX_LISTENERS} streams is reached. Retry later", retry_after_s=30
            )
        if who is not None and sum(each.who == who for each in self._listeners) >= MAX_OF_ONE:
            raise BackpressureError(
                f"The limit of {MAX_OF_ONE} streams per token or address is reached. Close other streams",
                retry_after_s=30,
            )
        listener = Listener(who, wanted)
        for event, data in self._greetings.items():
            listener.offer(event_message(event, data()))
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
        """Return the handover of the instance of an id; None without one, or if it sent later messages."""
        if self._handovers is None or last.run == self._messages.run:
            return None
        handover = await asyncio.to_thread(self._handovers.read, last.run)
        if handover is None or handover.last != last.number:
            return None
        return handover if 0 <= self._clock.now_ns() - handover.at_ns < HOUR_NS else None  # readings cover an hour

    async def _catch_up(self, listener: Listener, handover: Handover, id_line: bytes) -> None:
        """Send the events stored since another instance stopped; concurrent ones are held and deduplicated."""
        new_events = NewEvents.resumed(self._reader, handover.seen)
        try:
            async with asyncio.timeout(_CATCH_UP_S):
                found = [await new_events.read(self._clock.now_ns()), await new_events.read_late()]
        except (IngestorError, TimeoutError):
            listener.offer(MISSED)
        else:
            points = [point for each in found for point in each.events]
            self._offer(listener, EventsMessage(0, id_line, points).text(listener.wanted))
            if not all(each.is_complete for each in found):
                listener.offer(MISSED)
            listener.was_sent = new_events.has_seen
            listener.was_sent_until = self._clock.monotonic() + _LIKELY_TWICE_S
        held, listener.held = listener.held or [], None
        for message in held:
            self._offer(listener, message.text(listener.wanted, listener.was_sent))

    async def _run(self) -> None:
        while True:
            await self._wanted.wait()
            self._new_events = NewEvents(self._reader)
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
            self._new_events = NewEvents(self._reader)
            self._messages.forget()
            self._wanted.clear()
            self._ready.clear()

    async def _turn(self, turn: int) -> None:
        with_statistics = bool(self._listeners) and turn % _STATISTICS_EVERY == 0
        try:
            self._send_events(await self._new_events.read(self._clock.now_ns()))
            if turn % _LATE_EVERY == _LATE_EVERY - 1:
                self._send_events(await self._new_events.read_late())
            if with_statistics:
                self._send_statistics(event_message("statistics", await self._statistics()))
        except IngestorError as err:
            if not self._failing:
                _log.warning("stream_read_failed", key=err.key, error=err.message)
            self._fail(with_statistics)
        except Exception:  # a bug must not end the task of all streams
            if not self._failing:
                _log.exception("stream_failed_unexpectedly")
            self._fail(with_statistics)
        else:
            self._failing = False

    def _send_events(self, new_events: FoundEvents) -> None:
        if new_events.events:
            message = self._messages.add(new_events.events)
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
        if not new_events.is_complete:
            self._send_to_all(MISSED)

    def _send_statistics(self, message: bytes) -> None:
        """Send statistics; listeners with a filter also get the current id, since their filter may match rarely."""
        with_id = self._messages.id_line + message
        for listener in list(self._listeners):
            self._offer(listener, message if listener.wanted.accepts is None else with_id)

    def _fail(self, with_comment: bool) -> None:
        self._failing = True
        if with_comment:
            self._send_to_all(b": the store is unavailable\n\n")

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
        """Ask a listener to reconnect and resume from its last message."""
        id_line = self._messages.id_line if last_event_id is None else b""
        listener.offer(id_line + RECONNECT)
        listener.offer(None)

    def _send_to_all(self, message: bytes) -> None:
        for listener in list(self._listeners):
            self._offer(listener, message)

    def _offer(self, listener: Listener, message: bytes | None) -> None:
        if message is not None and not listener.offer(message):
            self._metrics.stream_listeners_dropped.inc()
            self._forget(listener)

    def _forget(self, listener: Listener) -> None:
        self._listeners.discard(listener)
        self._metrics.stream_listeners.set(len(self._listeners))
