"""Up to when events are durable, by Home Assistant's clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import msgspec
from ha_ingestor_core.clock import datetime_to_ns
from ha_ingestor_core.events import AwareDatetime
from msgspec import Raw, Struct

TimeSource = Raw | int | None
"""Where a time comes from: the body of an event, nanoseconds, or nothing."""


class _Fired(Struct):
    time_fired: AwareDatetime


_decoder = msgspec.json.Decoder(_Fired)


class Watermark:
    """Updated with the events read, and with how many of them became durable, both in the order of the spool.

    An event's time is decoded only when the watermark is read. `range_ns` is the earliest and the latest that Home
    Assistant's clock may have shown at a moment of the monotonic clock: an event dated ahead of it does not move the
    watermark past that.
    """

    def __init__(self, range_ns: Callable[[float], tuple[int, int]] | None = None) -> None:
        self._range_ns = range_ns
        self._read: deque[tuple[int, TimeSource, float]] = deque()
        self._newest: tuple[TimeSource, float] = (None, 0.0)
        self._time_ns: int | None = None

    def read(self, events: int, time_source: TimeSource, at: float = 0.0) -> None:
        """So many events were put into the spool at a moment; `time_source` has the time of the last one."""
        self._read.append((events, time_source, at))
        if len(self._read) == 1 and not events:
            self.committed(0)

    def committed(self, events: int) -> None:
        """So many more events are durable."""
        while self._read and self._read[0][0] <= events:
            count, time_source, at = self._read.popleft()
            events -= count
            if time_source is not None:
                self._newest = (time_source, at)
        if self._read and events:
            count, time_source, at = self._read[0]
            self._read[0] = (count - events, time_source, at)

    @property
    def time_ns(self) -> int | None:
        """The time of the newest durable event that has one, or of its arrival where that was certainly earlier."""
        (newest, at), self._newest = self._newest, (None, 0.0)
        if isinstance(newest, int):
            self._time_ns = newest
        elif newest is not None and (fired_ns := _time_of(newest)) is not None:
            self._time_ns = self._not_ahead(fired_ns, at)
        return self._time_ns

    def _not_ahead(self, fired_ns: int, at: float) -> int:
        if self._range_ns is None:
            return fired_ns
        earliest_ns, latest_ns = self._range_ns(at)
        return fired_ns if fired_ns <= latest_ns else earliest_ns


def _time_of(event: Raw) -> int | None:
    try:
        return datetime_to_ns(_decoder.decode(event).time_fired)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
