"""Time ranges: parsing periods and windows, and aligning windows."""

from __future__ import annotations

from ha_ingestor_core.errors import InvalidInputError
from ha_ingestor_core.times import DAY_NS as DAY_NS
from ha_ingestor_core.times import EXPECTED_PERIOD as EXPECTED_PERIOD
from ha_ingestor_core.times import HOUR_NS as HOUR_NS
from ha_ingestor_core.times import MAX_PERIOD_NS as MAX_PERIOD_NS
from ha_ingestor_core.times import MAX_TIME_NS, MIN_TIME_NS
from ha_ingestor_core.times import MINUTE_NS as MINUTE_NS
from ha_ingestor_core.times import parse_period as parse_period
from msgspec import Struct
from msgspec.structs import force_setattr

FIRST_NS, LAST_NS = MIN_TIME_NS, MAX_TIME_NS
MAX_WINDOWS = 10_000

_NICE_WINDOWS_NS = tuple(
    [n * MINUTE_NS for n in (1, 5, 15, 30)] + [n * HOUR_NS for n in (1, 3, 6, 12)] + [n * DAY_NS for n in (1, 7, 28)]
)
_NICE_WINDOW_COUNT = 120


_SECONDS_ASKED_NS = 2 * DAY_NS
"""A shorter period begins with a second that InfluxDB has rolled up."""


class TimeRange(Struct, frozen=True):
    """A half-open range [start_ns, end_ns) of nanoseconds since 1970 in UTC, limited to 64 bits."""

    start_ns: int
    end_ns: int

    def __post_init__(self) -> None:
        """Limit both ends to 64 bits."""
        if self.start_ns < FIRST_NS or self.end_ns > LAST_NS:
            force_setattr(self, "start_ns", within_64_bits(self.start_ns))
            force_setattr(self, "end_ns", within_64_bits(self.end_ns))

    @property
    def minutes(self) -> float:
        """The length in minutes."""
        return (self.end_ns - self.start_ns) / MINUTE_NS


def within_64_bits(value: int) -> int:
    """Return the value, limited to 64 bits."""
    return min(max(value, FIRST_NS), LAST_NS)


ALWAYS = TimeRange(FIRST_NS, LAST_NS)
"""The range of all times that a store can represent."""


def period_range(text: str, now_ns: int) -> TimeRange:
    """Return the period that ends now, [now - period, now); raises InvalidInputError."""
    return TimeRange(now_ns - parse_period(text), now_ns)


def aligned_period(text: str, now_ns: int) -> TimeRange:
    """The period that ends now; a long one begins with a whole minute, since older seconds are not rolled up."""
    asked = period_range(text, now_ns)
    if asked.end_ns - asked.start_ns <= _SECONDS_ASKED_NS:
        return asked
    return TimeRange(asked.start_ns // MINUTE_NS * MINUTE_NS, now_ns)


def parse_window(text: str, time_range: TimeRange) -> int:
    """Return the length of a window in nanoseconds; raises InvalidInputError, also for over MAX_WINDOWS windows."""
    length = parse_period(text, field="window")
    if (time_range.end_ns - time_range.start_ns) // length >= MAX_WINDOWS:
        expected = f"a window that divides the period into at most {MAX_WINDOWS} parts"
        raise InvalidInputError(f"window must be {expected}", field="window", expected=expected)
    return length


def nice_window(time_range: TimeRange) -> int:
    """Return the shortest round window that divides the range into at most about 120 parts, in nanoseconds."""
    length = time_range.end_ns - time_range.start_ns
    for window in _NICE_WINDOWS_NS:
        if length / window <= _NICE_WINDOW_COUNT:
            return window
    return -(-length // _NICE_WINDOW_COUNT // DAY_NS) * DAY_NS


def window_starts(time_range: TimeRange, window_ns: int) -> range:
    """Return the starts of all windows (aligned to 1970) that overlap the range; the first may be before it."""
    return range(time_range.start_ns // window_ns * window_ns, time_range.end_ns, window_ns)
