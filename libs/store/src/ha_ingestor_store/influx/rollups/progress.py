"""How far the rollups have come: which windows a reader may trust, as plain values that are kept in the store itself.

A window is trusted when it ends before its grain's mark and lies in no open range. Writers of late points open the
windows they touch before they write; see rollups.py for the order of events, and docs/adr/0006 for the reasons.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
from msgspec import Struct

from ha_ingestor_store.influx.schema import GRAINS, Family
from ha_ingestor_store.time_range import TimeRange

Range = tuple[int, int]
"""A half-open range of nanoseconds."""

_MOST_RANGES = 500
"""Open ranges kept apart: beyond it the closest are joined, which is slower to read and never wrong."""


class Windows(Struct, frozen=True, array_like=True):
    """The windows of one grain: all that end by `until_ns` are rolled up, but for those in `open`."""

    until_ns: int
    open: tuple[Range, ...] = ()

    def opened(self, ranges: Iterable[Range]) -> Windows:
        """The same with more ranges open; what lies beyond the mark is open anyway."""
        behind = [(start, min(end, self.until_ns)) for start, end in ranges]
        return Windows(self.until_ns, few(joined([*self.open, *behind])))

    def closed(self, ranges: Iterable[Range]) -> Windows:
        """The same with these ranges rolled up."""
        return Windows(self.until_ns, tuple(without(self.open, joined(ranges))))

    def advanced(self, until_ns: int, dirty: Iterable[Range] = ()) -> Windows:
        """The mark moved forward; `dirty` ranges, touched meanwhile, stay open behind it."""
        return Windows(max(self.until_ns, until_ns), self.open).opened(dirty)

    def turned_back(self, until_ns: int) -> Windows:
        """The same with an earlier mark; what lies behind it is no longer rolled up."""
        return self if until_ns >= self.until_ns else Windows(until_ns).opened(self.open)

    def trusted(self, start_ns: int, end_ns: int) -> list[Range]:
        """The parts of an aligned range whose windows are all trusted."""
        end_ns = min(end_ns, self.until_ns)
        return without([(start_ns, end_ns)], self.open) if start_ns < end_ns else []


class Progress(Struct, frozen=True):
    """What is known of all rollups; `captured_from_ns` is the oldest event that was witnessed or recovered."""

    events: dict[int, Windows] = {}
    services: dict[int, Windows] = {}
    captured_from_ns: int | None = None

    def of(self, family: Family) -> dict[int, Windows]:
        """The windows of a family by their grain; none of a grain that was never rolled up."""
        return self.events if family is Family.EVENTS else self.services

    def changed(self, family: Family, windows: dict[int, Windows]) -> Progress:
        """The same with other windows of a family."""
        return msgspec.structs.replace(self, **{family.value: {**self.of(family), **windows}})


class Span(NamedTuple):
    """A part of a range that one source answers: trusted windows of `grain_ns`, or raw points where that is 0."""

    grain_ns: int
    start_ns: int
    end_ns: int


NO_PROGRESS = Progress()


def plan_spans(time_range: TimeRange, windows: dict[int, Windows], grains_ns: Sequence[int]) -> list[Span]:
    """Cut a range into trusted windows, each as coarse as it can be, and raw points for all the rest.

    The spans cover the range exactly once, in order; `grains_ns` are ascending, each a multiple of the one before.
    """
    if time_range.start_ns >= time_range.end_ns:
        return []
    if not grains_ns:
        return [Span(0, time_range.start_ns, time_range.end_ns)]
    *finer, grain = grains_ns
    start = -(-time_range.start_ns // grain) * grain
    end = time_range.end_ns // grain * grain
    known = windows.get(grain)
    spans: list[Span] = []
    at = time_range.start_ns
    for trusted_start, trusted_end in known.trusted(start, end) if known and start < end else []:
        spans += plan_spans(TimeRange(at, trusted_start), windows, finer)
        spans.append(Span(grain, trusted_start, trusted_end))
        at = trusted_end
    return [*spans, *plan_spans(TimeRange(at, time_range.end_ns), windows, finer)]


def touched(times_ns: Iterable[int], grain_ns: int) -> list[Range]:
    """The windows that points at these times lie in, joined."""
    starts = sorted({time_ns // grain_ns * grain_ns for time_ns in times_ns})
    return list(joined((start, start + grain_ns) for start in starts))


def aligned(ranges: Iterable[Range], grain_ns: int) -> list[Range]:
    """The ranges widened to whole windows."""
    return list(joined((start // grain_ns * grain_ns, -(-end // grain_ns) * grain_ns) for start, end in ranges))


def joined(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """The ranges in order, those that touch each other as one; empty ones are left out."""
    result: list[Range] = []
    for start, end in sorted(r for r in ranges if r[0] < r[1]):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return tuple(result)


def without(ranges: Iterable[Range], taken: Iterable[Range]) -> list[Range]:
    """What is left of ordered ranges when ordered others are taken away."""
    left: list[Range] = []
    gone = list(taken)
    for start, end in ranges:
        at = start
        for gone_start, gone_end in gone:
            if gone_end <= at or gone_start >= end:
                continue
            if gone_start > at:
                left.append((at, gone_start))
            at = max(at, gone_end)
        if at < end:
            left.append((at, end))
    return left


def few(ranges: tuple[Range, ...], most: int = _MOST_RANGES) -> tuple[Range, ...]:
    """At most so many ranges that cover the given ones: those with the shortest gaps between them are joined."""
    if len(ranges) <= most:
        return ranges
    gaps = sorted(range(1, len(ranges)), key=lambda i: ranges[i][0] - ranges[i - 1][1])
    bridged = set(gaps[: len(ranges) - most])
    return joined((ranges[i - 1][0] if i in bridged else ranges[i][0], ranges[i][1]) for i in range(len(ranges)))


def families() -> Iterable[tuple[Family, int]]:
    """Every family with each of its grains."""
    return ((family, grain) for family, grains in GRAINS.items() for grain in grains)
