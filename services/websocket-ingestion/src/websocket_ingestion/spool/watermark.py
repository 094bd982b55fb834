"""How far what is durable reaches, by Home Assistant's clock: what was read, but not yet synced, lies behind."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import msgspec
from ha_ingestor_core.clock import datetime_to_ns
from ha_ingestor_core.events import AwareDatetime
from msgspec import Raw, Struct

Witness = Raw | int | None
"""What tells the time: the body of an event, a time in nanoseconds, or nothing."""


class _Fired(Struct):
    time_fired: AwareDatetime


_decoder = msgspec.json.Decoder(_Fired)


class Watermark:
    """Fed with what was read and with how much of it became durable, both in the order of the spool.

    An event's time is looked at only when it is asked for, so nothing is decoded for each of them. `range_ns` is the
    earliest and the latest that Home Assistant's clock may have shown at a moment of the monotonic clock: an event that
    is dated ahead of it says nothing about what came after.
    """

    def __init__(self, range_ns: Callable[[float], tuple[int, int]] | None = None) -> None:
        self._range_ns = range_ns
        self._read: deque[tuple[int, Witness, float]] = deque()
        self._newest: tuple[Witness, float] = (None, 0.0)
        self._time_ns: int | None = None

    def read(self, events: int, witness: Witness, at: float = 0.0) -> None:
        """So many events were put into the spool at a moment; the witness tells the time of the last of them."""
        self._read.append((events, witness, at))
        if len(self._read) == 1 and not events:
            self.committed(0)

    def committed(self, events: int) -> None:
        """So many events more are durable."""
        while self._read and self._read[0][0] <= events:
            count, witness, at = self._read.popleft()
            events -= count
            if witness is not None:
                self._newest = (witness, at)
        if self._read and events:
            count, witness, at = self._read[0]
            self._read[0] = (count - events, witness, at)

    @property
    def time_ns(self) -> int | None:
        """The time of the newest durable event, or when it came where that was certainly earlier.

        That of the event before it where it tells none.
        """
        (newest, at), self._newest = self._newest, (None, 0.0)
        if isinstance(newest, int):
            self._time_ns = newest
        elif newest is not None and (told_ns := _time_of(newest)) is not None:
            self._time_ns = self._not_ahead(told_ns, at)
        return self._time_ns

    def _not_ahead(self, told_ns: int, at: float) -> int:
        if self._range_ns is None:
            return told_ns
        earliest_ns, latest_ns = self._range_ns(at)
        return told_ns if told_ns <= latest_ns else earliest_ns


def _time_of(event: Raw) -> int | None:
    try:
        return datetime_to_ns(_decoder.decode(event).time_fired)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
