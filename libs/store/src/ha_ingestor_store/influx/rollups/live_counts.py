"""What this term has written, counted in memory: windows wholly within its life need no count by the server."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from ha_ingestor_store.influx.rollups.progress import Range, aligned, joined, without
from ha_ingestor_store.influx.schema import COUNT, MAX_TIME_NS, SECOND_NS
from ha_ingestor_store.points import EventPoint, SeriesKey
from ha_ingestor_store.time_range import HOUR_NS, MINUTE_NS

_MOST_TAINTED = 1_000
_REMEMBERED_NS = {SECOND_NS: 10 * MINUTE_NS, MINUTE_NS: 10 * MINUTE_NS, HOUR_NS: 3 * HOUR_NS}


Sums = dict[tuple[int, tuple[str | None, ...]], dict[str, float]]
"""Sums of fields by the start of a window and the tags."""


class LiveCounts:
    """Counts of new events, exact from `from_ns` on, but for what is tainted."""

    def __init__(self, from_ns: int) -> None:
        self.from_ns = from_ns
        self._from_ns = dict.fromkeys(_REMEMBERED_NS, from_ns)
        self._tainted: tuple[Range, ...] = ()
        self._seconds: dict[int, Counter[tuple[str | None, ...]]] = defaultdict(Counter)
        self._hours: dict[int, Counter[SeriesKey]] = defaultdict(Counter)

    def add(self, points: Iterable[EventPoint]) -> None:
        """Count events that were new and are acknowledged."""
        for point in points:
            series = point.series_key
            self._seconds[point.time_ns // SECOND_NS][series[:3]] += 1
            self._hours[point.time_ns // HOUR_NS][series] += 1

    def taint(self, ranges: Iterable[Range]) -> None:
        """Leave windows to the server: something in them is not known exactly."""
        self._tainted = joined([*self._tainted, *ranges])
        if len(self._tainted) > _MOST_TAINTED:
            self._tainted = ((self._tainted[0][0], self._tainted[-1][1]),)

    def whole(self, ranges: Sequence[Range], grain_ns: int) -> list[Range]:
        """Return the windows of some ranges whose counts are exact."""
        if grain_ns not in self._from_ns:
            return []
        first_ns = -(-self._from_ns[grain_ns] // grain_ns) * grain_ns
        known = without(ranges, [(-MAX_TIME_NS, first_ns)])
        return without(known, aligned(self._tainted, grain_ns))

    def by_group(self, grain_ns: int, start_ns: int, end_ns: int) -> Sums:
        """Return the counts of windows by group."""
        totals: Counter[tuple[int, tuple[str | None, ...]]] = Counter()
        for second in range(start_ns // SECOND_NS, end_ns // SECOND_NS):
            for group, count in self._seconds.get(second, _NONE).items():
                totals[second * SECOND_NS // grain_ns * grain_ns, group] += count
        return {key: {COUNT: float(total)} for key, total in totals.items()}

    def by_entity(self, start_ns: int, end_ns: int) -> Sums:
        """Return the counts of hours by entity."""
        return {
            (hour * HOUR_NS, series): {COUNT: float(count)}
            for hour in range(start_ns // HOUR_NS, end_ns // HOUR_NS)
            for series, count in self._hours.get(hour, Counter()).items()
        }

    def forget_before(self, now_ns: int) -> None:
        """Forget what is long over: if it is not closed yet, or opened again, the server counts it."""
        for grain_ns, remembered_ns in _REMEMBERED_NS.items():
            self._from_ns[grain_ns] = max(self._from_ns[grain_ns], now_ns - remembered_ns)
        for second in [each for each in self._seconds if each * SECOND_NS < self._from_ns[SECOND_NS]]:
            del self._seconds[second]
        for hour in [each for each in self._hours if each * HOUR_NS < self._from_ns[HOUR_NS]]:
            del self._hours[hour]


_NONE: Counter[tuple[str | None, ...]] = Counter()
