"""How far what is durable reaches, in Home Assistant's time: what was read, but not yet synced, lies behind."""

from __future__ import annotations

from collections import deque

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

    An event's time is looked at only when somebody asks, so nothing is decoded for each of them.
    """

    def __init__(self) -> None:
        self._read: deque[tuple[int, Witness]] = deque()
        self._newest: Witness = None
        self._time_ns: int | None = None

    def read(self, events: int, witness: Witness) -> None:
        """So many events were put into the spool; the witness tells the time of the last of them."""
        self._read.append((events, witness))
        if len(self._read) == 1 and not events:
            self.committed(0)

    def committed(self, events: int) -> None:
        """So many events more are durable."""
        while self._read and self._read[0][0] <= events:
            count, witness = self._read.popleft()
            events -= count
            if witness is not None:
                self._newest = witness
        if self._read and events:
            count, witness = self._read[0]
            self._read[0] = (count - events, witness)

    @property
    def time_ns(self) -> int | None:
        """The time of the newest durable event; the one before it where that one tells none."""
        newest, self._newest = self._newest, None
        if isinstance(newest, int):
            self._time_ns = newest
        elif newest is not None:
            self._time_ns = _time_of(newest) or self._time_ns
        return self._time_ns


def _time_of(event: Raw) -> int | None:
    try:
        return datetime_to_ns(_decoder.decode(event).time_fired)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
