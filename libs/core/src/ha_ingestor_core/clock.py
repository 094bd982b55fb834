"""The clock that components receive, so that tests can control the time."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000
NS_PER_US = 1_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """Wall-clock time for timestamps, monotonic time for durations."""

    def now_ns(self) -> int:
        """Return nanoseconds since 1970 in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds of a clock that never goes back."""
        ...


class SystemClock:
    """The clock of the operating system."""

    def now_ns(self) -> int:
        return time.time_ns()

    def monotonic(self) -> float:
        return time.monotonic()


class FakeClock:
    """A clock for tests that changes only on request."""

    def __init__(self, now_ns: int = 1_800_000_000 * NS_PER_S) -> None:
        self._now_ns = now_ns
        self._monotonic = 1000.0

    def now_ns(self) -> int:
        return self._now_ns

    def monotonic(self) -> float:
        return self._monotonic

    def turn_to(self, now_ns: int) -> None:
        """Set the wall clock, as an administrator can; the monotonic time is unchanged."""
        self._now_ns = now_ns

    def advance(self, seconds: float) -> None:
        """Advance both times."""
        self._now_ns += round(seconds * NS_PER_S)
        self._monotonic += seconds


def datetime_to_ns(moment: datetime) -> int:
    """Return the nanoseconds since 1970 of an aware datetime, exact to its microsecond.

    Below 2**32 seconds (the year 2106) the float of `timestamp()` is exact to 0.49 µs, so rounding restores the
    microsecond. Beyond it, integer arithmetic is used, which is three times slower.
    """
    seconds = moment.timestamp()
    if -(2.0**32) < seconds < 2.0**32:
        return round(seconds * 1e6) * NS_PER_US
    return (moment - _EPOCH) // timedelta(microseconds=1) * NS_PER_US


def ns_to_datetime(time_ns: int) -> datetime:
    """Return the aware UTC datetime of a time, truncated to microseconds; raises OverflowError beyond year 9999."""
    return _EPOCH + timedelta(microseconds=time_ns // NS_PER_US)


def ns_to_rfc3339(time_ns: int) -> str:
    """Return the time in RFC 3339 in UTC with offset and microseconds, the format of Home Assistant."""
    return ns_to_datetime(time_ns).isoformat(timespec="microseconds")
