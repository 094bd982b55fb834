"""The open taps: owner, reader, time limit, and the entry in the audit log at the end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import msgspec
from ha_ingestor_core.calls.taps import Taps
from ha_ingestor_core.clock import Clock
from ha_ingestor_core.errors import BackpressureError, IngestorError, NotFoundError, ServiceUnavailableError
from ha_ingestor_core.filters.live_filter import LiveFilter
from ha_ingestor_core.tasks import supervised

from admin_api.security.audit import AuditLog
from admin_api.security.caller import Caller
from admin_api.stream.models import TapEnd
from admin_api.stream.server_sent_events import event_message

POLL_INTERVAL_S = 0.25
RETURN_LIMIT_S = 10.0
"""Time after which a tap without a reader ends."""

_STATUS_EVERY = 4  # polls: once a second
_CLOSE_LIMIT_S = 1.0


@dataclass(eq=False, slots=True)
class OpenTap:
    """An open tap; can be read by one client at a time."""

    id: str
    wanted: LiveFilter
    who: str
    address: str
    lasts_s: float
    opened_at: float
    left_at: float
    shown: int = 0
    is_read: bool = False
    end: TapEnd | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)


class TapDesk:
    """Opens, reads and ends taps; `before_reading` delivers queued events, so that the tap is live."""

    def __init__(
        self,
        taps: Taps,
        *,
        audit: AuditLog,
        clock: Clock,
        before_reading: Callable[[], Awaitable[None]] | None = None,
        poll_interval_s: float = POLL_INTERVAL_S,
    ) -> None:
        self._taps = taps
        self._audit = audit
        self._clock = clock
        self._before_reading = before_reading
        self._poll_interval_s = poll_interval_s
        self._open: dict[str, OpenTap] = {}
        self._watches: set[asyncio.Task[None]] = set()
        self._is_stopped = False

    async def open(self, wanted: LiveFilter, caller: Caller) -> OpenTap:
        """Open a tap; raises BackpressureError if too many are open, and ServiceUnavailableError."""
        if self._is_stopped:
            raise ServiceUnavailableError("This instance is stopping. Open the tap again")
        opened = await self._taps.open_tap(wanted)
        now = self._clock.monotonic()
        tap = OpenTap(opened.id, wanted, caller.who, caller.address, opened.remaining_s, now, now)
        self._open[tap.id] = tap
        watch = supervised(lambda: self._watch(tap), name="live tap")
        self._watches.add(watch)
        watch.add_done_callback(self._watches.discard)
        return tap

    async def close(self, tap_id: str) -> OpenTap:
        """End a tap; raises NotFoundError."""
        tap = self._tap(tap_id)
        await self._end(tap, TapEnd.CLOSED)
        return tap

    @contextlib.asynccontextmanager
    async def read(self, tap_id: str) -> AsyncIterator[TapReader]:
        """Read a tap; raises NotFoundError, and BackpressureError if it already has a reader."""
        tap = self._tap(tap_id)
        if tap.is_read:
            raise BackpressureError("The tap already has a reader. Open another tap", retry_after_s=1)
        tap.is_read = True
        try:
            yield TapReader(self, tap)
        finally:
            tap.is_read = False
            tap.left_at = self._clock.monotonic()

    async def stop(self) -> None:
        """End all taps."""
        self._is_stopped = True
        for tap in list(self._open.values()):
            await self._end(tap, TapEnd.STOPPED)
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)

    async def messages(self, tap: OpenTap) -> AsyncIterator[bytes]:
        """Yield the events of a tap, its status once a second, and finally the reason of its end.

        Events that a slow reader has not read stay in the bounded buffer of the pipeline.
        """
        turn = 0
        while tap.end is None:
            for message in await self._read(tap, with_status=turn % _STATUS_EVERY == 0):
                yield message
            turn += 1
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._poll_interval_s):
                    await tap.over.wait()
        yield event_message("end", {"reason": tap.end})

    async def _read(self, tap: OpenTap, *, with_status: bool) -> list[bytes]:
        try:
            if self._before_reading is not None:
                await self._before_reading()
            page = await self._taps.read_tap(tap.id)
        except NotFoundError:
            await self._end(tap, TapEnd.LOST)
            return []
        except IngestorError as err:
            remaining_s = max(0.0, tap.opened_at + tap.lasts_s - self._clock.monotonic())
            status = {"remaining_s": remaining_s, "left_out": None, "error": err.message}
            return [event_message("status", status)] if with_status else []
        tap.shown += len(page.events)
        messages = [event_message("events", page.events)] if page.events else []
        if with_status:
            status = {"remaining_s": page.remaining_s, "left_out": page.left_out, "error": None}
            messages.append(event_message("status", status))
        return messages

    def _tap(self, tap_id: str) -> OpenTap:
        tap = self._open.get(tap_id)
        if tap is None:
            raise NotFoundError(f"Tap {tap_id} is unknown or has ended. Open another tap", tap_id=tap_id)
        return tap

    async def _watch(self, tap: OpenTap) -> None:
        """End a tap when its time is over, or it has no reader for too long."""
        while tap.end is None:
            now = self._clock.monotonic()
            if now >= tap.opened_at + tap.lasts_s:
                await self._end(tap, TapEnd.TIME_OVER)
            elif not tap.is_read and now >= tap.left_at + RETURN_LIMIT_S:
                await self._end(tap, TapEnd.READER_GONE)
            await asyncio.sleep(self._poll_interval_s)

    async def _end(self, tap: OpenTap, reason: TapEnd) -> None:
        if tap.end is not None:
            return
        tap.end = reason
        tap.over.set()
        self._open.pop(tap.id, None)
        with contextlib.suppress(IngestorError, TimeoutError):  # an unreachable pipeline ends it on its own
            async with asyncio.timeout(_CLOSE_LIMIT_S):
                await self._taps.close_tap(tap.id)
        await asyncio.to_thread(
            self._audit.write,
            who=tap.who,
            action="END /api/v1/tap/{tap_id}",
            address=tap.address,
            status=200,
            detail={
                "tap_id": tap.id,
                "reason": reason.value,
                "events_shown": tap.shown,
                "seconds": round(self._clock.monotonic() - tap.opened_at),
                "filter": filter_view(tap.wanted),
            },
        )


class TapReader:
    """The `MessageSource` of the reader of a tap; slow readers are not dropped."""

    def __init__(self, desk: TapDesk, tap: OpenTap) -> None:
        self._desk = desk
        self._tap = tap
        self.dropped = asyncio.Event()

    def messages(self) -> AsyncIterator[bytes]:
        """Yield the messages until the tap ends."""
        return self._desk.messages(self._tap)


def filter_view(wanted: LiveFilter) -> dict[str, str]:
    """Return the conditions of a filter."""
    return {name: value for name, value in msgspec.structs.asdict(wanted).items() if value is not None}
