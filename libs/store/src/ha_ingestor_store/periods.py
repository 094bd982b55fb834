"""Periods and windows: parsing them, and the pieces in which rollups answer them exactly."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

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


class TimeRange(Struct, frozen=True):
    """A half-open range [start_ns, end_ns) of nanoseconds since 1970 in UTC; what no store can hold is cut off."""

    start_ns: int
    end_ns: int

    def __post_init__(self) -> None:
        """Cut off what 64 bits can't hold."""
        if self.start_ns < FIRST_NS or self.end_ns > LAST_NS:
            force_setattr(self, "start_ns", within_64_bits(self.start_ns))
            force_setattr(self, "end_ns", within_64_bits(self.end_ns))

    @property
    def minutes(self) -> float:
        """Its length in minutes."""
        return (self.end_ns - self.start_ns) / MINUTE_NS


def within_64_bits(value: int) -> int:
    """The value, or the nearest that 64 bits can hold."""
    return min(max(value, FIRST_NS), LAST_NS)


ALWAYS = TimeRange(FIRST_NS, LAST_NS)
"""All the time that a store can hold."""


class Piece(NamedTuple):
    """A part of a range that one source answers: whole windows of `grain_ns`, or raw points when that is 0.

    `sign` is -1 where the part is to be taken away again.
    """

    grain_ns: int
    start_ns: int
    end_ns: int
    sign: int = 1


def period_range(text: str, now_ns: int) -> TimeRange:
    """The period that ends now, [now - period, now); raises InvalidInputError."""
    return TimeRange(now_ns - parse_period(text), now_ns)


def parse_window(text: str, time_range: TimeRange) -> int:
    """The length of a window in nanoseconds, at most MAX_WINDOWS of them in the range; raises InvalidInputError."""
    length = parse_period(text, field="window")
    if (time_range.end_ns - time_range.start_ns) // length >= MAX_WINDOWS:
        expected = f"a window that divides the period into at most {MAX_WINDOWS} parts"
        raise InvalidInputError(f"window must be {expected}", field="window", expected=expected)
    return length


def nice_window(time_range: TimeRange) -> int:
    """The shortest nice window that cuts the range into at most about 120 parts, in nanoseconds."""
    length = time_range.end_ns - time_range.start_ns
    for window in _NICE_WINDOWS_NS:
        if length / window <= _NICE_WINDOW_COUNT:
            return window
    return -(-length // _NICE_WINDOW_COUNT // DAY_NS) * DAY_NS


def window_starts(time_range: TimeRange, window_ns: int) -> range:
    """The starts of all windows (aligned to 1970) that the range touches; the first may begin before it."""
    return range(time_range.start_ns // window_ns * window_ns, time_range.end_ns, window_ns)


def grains_within(grains_ns: Iterable[int], window_ns: int) -> tuple[int, ...]:
    """Those of the grains that windows are made of."""
    return tuple(grain for grain in grains_ns if window_ns % grain == 0)


def plan_pieces(time_range: TimeRange, grains_ns: tuple[int, ...]) -> list[Piece]:
    """Cut a range into whole windows of the given grains (ascending, each a multiple of the one before) and raw edges.

    The pieces cover the range exactly once, in order, each with the coarsest grain that fits.
    """
    if time_range.start_ns >= time_range.end_ns:
        return []
    if not grains_ns:
        return [Piece(0, time_range.start_ns, time_range.end_ns)]
    *finer, grain = grains_ns
    start = -(-time_range.start_ns // grain) * grain
    end = time_range.end_ns // grain * grain
    if start >= end:
        return plan_pieces(time_range, tuple(finer))
    return [
        *plan_pieces(TimeRange(time_range.start_ns, start), tuple(finer)),
        Piece(grain, start, end),
        *plan_pieces(TimeRange(end, time_range.end_ns), tuple(finer)),
    ]


def shorten_edges(pieces: list[Piece], finest_ns: int) -> list[Piece]:
    """Replace a raw edge by its whole window less the rest of it, where that rest is cheaper to read.

    The last edge of a period that ends now always is: what lies between now and the window's end has hardly happened.
    """
    shortened: list[Piece] = []
    for at, piece in enumerate(pieces):
        window = piece.start_ns // finest_ns * finest_ns
        is_within_one = piece.grain_ns == 0 and piece.end_ns <= window + finest_ns
        rest = finest_ns - (piece.end_ns - piece.start_ns)
        is_last = at == len(pieces) - 1 and piece.start_ns == window
        if is_within_one and (is_last or rest < finest_ns / 2):
            shortened.append(Piece(finest_ns, window, window + finest_ns))
            shortened.append(Piece(0, window, piece.start_ns, -1))
            shortened.append(Piece(0, piece.end_ns, window + finest_ns, -1))
        else:
            shortened.append(piece)
    return [piece for piece in shortened if piece.start_ns < piece.end_ns]
