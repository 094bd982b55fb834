"""Periods and windows: parsing them, and the pieces in which rollups answer them exactly."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.errors import InvalidInputError
from msgspec import Struct
from msgspec.structs import force_setattr

MINUTE_NS = 60 * NS_PER_S
HOUR_NS = 60 * MINUTE_NS
DAY_NS = 24 * HOUR_NS
FIRST_NS, LAST_NS = -(2**63), 2**63 - 1

_UNIT_NS = {"m": MINUTE_NS, "h": HOUR_NS, "d": DAY_NS, "w": 7 * DAY_NS, "y": 365 * DAY_NS}
_PERIOD = re.compile(r"([0-9]{1,9})([mhdwy])", re.ASCII)
MAX_PERIOD_NS = 100 * _UNIT_NS["y"]
MAX_WINDOWS = 10_000

EXPECTED_PERIOD = "<number><m|h|d|w|y>, such as 15m, 1h, 7d, 4w or 1y, at most 100y"

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


def parse_period(text: str, *, field: str = "period") -> int:
    """The length of a period in nanoseconds; raises InvalidInputError that names `field` and what was expected."""
    match = _PERIOD.fullmatch(text)
    length = int(match[1]) * _UNIT_NS[match[2]] if match else 0
    if not 0 < length <= MAX_PERIOD_NS:
        raise InvalidInputError(f"{field} should be {EXPECTED_PERIOD}", field=field, expected=EXPECTED_PERIOD)
    return length


def period_range(text: str, now_ns: int) -> TimeRange:
    """The period that ends now, [now - period, now); raises InvalidInputError."""
    return TimeRange(now_ns - parse_period(text), now_ns)


def parse_window(text: str, time_range: TimeRange) -> int:
    """The length of a window in nanoseconds, at most MAX_WINDOWS of them in the range; raises InvalidInputError."""
    length = parse_period(text, field="window")
    if (time_range.end_ns - time_range.start_ns) // length >= MAX_WINDOWS:
        expected = f"a window that divides the period into at most {MAX_WINDOWS} parts"
        raise InvalidInputError(f"window should be {expected}", field="window", expected=expected)
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
