"""The clock that parts receive, so that tests can turn its hands."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000
NS_PER_US = 1_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """Wall time for what is stored, monotonic time for what is measured."""

    def now_ns(self) -> int:
        """Nanoseconds since 1970 in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now_ns(self) -> int:
        return time.time_ns()

    def monotonic(self) -> float:
        return time.monotonic()


class FakeClock:
    """A clock that stands still until somebody turns it."""

    def __init__(self, now_ns: int = 1_800_000_000 * NS_PER_S) -> None:
        self._now_ns = now_ns
        self._monotonic = 1000.0

    def now_ns(self) -> int:
        return self._now_ns

    def monotonic(self) -> float:
        return self._monotonic

    def turn_to(self, now_ns: int) -> None:
        """Set the wall clock, as an administrator may; the monotonic hand stays."""
        self._now_ns = now_ns

    def advance(self, seconds: float) -> None:
        """Turn both hands forward."""
        self._now_ns += round(seconds * NS_PER_S)
        self._monotonic += seconds


def datetime_to_ns(moment: datetime) -> int:
    """Nanoseconds since 1970 of an aware datetime, exact to its microsecond.

    Below 2**32 seconds (the year 2106) the float of `timestamp()` is within 0.49 µs, so rounding gives the microsecond
    back; beyond that the exact way is taken, which is three times slower.
    """
    seconds = moment.timestamp()
    if -(2.0**32) < seconds < 2.0**32:
        return round(seconds * 1e6) * NS_PER_US
    return (moment - _EPOCH) // timedelta(microseconds=1) * NS_PER_US


def ns_to_datetime(time_ns: int) -> datetime:
    """The aware UTC datetime of a nanosecond time, cut to its microsecond; raises OverflowError beyond year 9999."""
    return _EPOCH + timedelta(microseconds=time_ns // NS_PER_US)


def ns_to_rfc3339(time_ns: int) -> str:
    """RFC 3339 with offset, in UTC, to the microsecond: as Home Assistant writes it."""
    return ns_to_datetime(time_ns).isoformat(timespec="microseconds")
