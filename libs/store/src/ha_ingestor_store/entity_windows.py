"""The numbers of an entity by window, from its states: computed once, above the dialects, so that all of them agree.

A database can't do it: a value holds until the next one, and `integral()` of InfluxQL and Flux interpolates.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable

from ha_ingestor_core.units import Conversion, conversion

from ha_ingestor_store.answers import HistoryPage, HistoryPoint, WindowPoint, WindowsPage
from ha_ingestor_store.periods import TimeRange
from ha_ingestor_store.questions import EntityHistory, EntityWindows

_STATES_PER_QUESTION = 20_000

AskHistory = Callable[[EntityHistory], Awaitable[HistoryPage]]
AskBefore = Callable[[str, str, int], Awaitable[HistoryPoint | None]]


async def entity_windows(question: EntityWindows, history: AskHistory, before: AskBefore) -> WindowsPage:
    """The answer, from states asked in order; `before` gives the last state of (home, entity id) before a time."""
    time_range = question.time_range
    start_ns = time_range.start_ns
    if question.after_ns is not None:
        start_ns = max(start_ns, (question.after_ns // question.window_ns + 1) * question.window_ns)
    asked = EntityHistory(
        question.home, question.entity_id, TimeRange(start_ns, max(start_ns, time_range.end_ns)), _STATES_PER_QUESTION
    )
    page = await history(asked)
    windows = Windows(start_ns, question.window_ns, page.unit, question.limit)
    held = await before(question.home, question.entity_id, start_ns) if start_ns < time_range.end_ns else None
    if held is not None:
        windows.add(held)
    while True:
        for point in page.points:
            windows.add(point)
        if page.next_after_ns is None or windows.is_full:
            break
        page = await history(_after(asked, page.next_after_ns))
    windows.end(time_range.end_ns, question.now_ns)
    points, more = windows.points()
    return WindowsPage(windows.unit, points, points[-1].start_ns if more else None)


class Windows:
    """Folds states, oldest first, into windows; at most one window more than `limit` is begun."""

    def __init__(self, start_ns: int, window_ns: int, unit: str | None, limit: int) -> None:
        self.unit = unit
        self._start_ns = start_ns
        self._window_ns = window_ns
        self._limit = limit
        self._windows: dict[int, dict[str | None, _Numbers]] = {}
        self._conversions: dict[str | None, Conversion | None] = {}
        self._last: HistoryPoint | None = None

    @property
    def is_full(self) -> bool:
        """Whether what follows can't change the windows that are answered."""
        return len(self._windows) > self._limit

    def add(self, point: HistoryPoint) -> None:
        """A state begins, and the one before it ends; one from before the start is only held."""
        self._hold(point.time_ns)
        self._last = point
        if point.value is not None and point.time_ns >= self._start_ns:
            numbers, value = self._numbers(point, point.time_ns // self._window_ns)
            numbers.begin(value)

    def end(self, end_ns: int, now_ns: int) -> None:
        """No state follows before `end_ns`: the last one holds until then or until now, at least for a moment."""
        if self._last is not None:
            self._hold(min(end_ns, max(now_ns, self._last.time_ns + 1)))

    def points(self) -> tuple[list[WindowPoint], bool]:
        """The points of the first `limit` windows, and whether there are more windows."""
        numbers = sorted(self._windows)
        points = [
            found.point(number * self._window_ns, unit)
            for number in numbers[: self._limit]
            for unit, found in sorted(self._windows[number].items(), key=lambda item: item[0] or "")
        ]
        return points, len(numbers) > self._limit

    def _hold(self, until_ns: int) -> None:
        """The last state goes on until then."""
        last = self._last
        if last is None or last.value is None:
            return
        from_ns = max(last.time_ns, self._start_ns)
        while from_ns < until_ns and not self.is_full:
            window = from_ns // self._window_ns
            end_ns = min(until_ns, (window + 1) * self._window_ns)
            numbers, value = self._numbers(last, window)
            numbers.hold(value, (end_ns - from_ns) / self._window_ns)
            from_ns = end_ns

    def _numbers(self, point: HistoryPoint, window: int) -> tuple[_Numbers, float]:
        """Where the value of a state belongs, and that value, both in the unit that it is answered in."""
        assert point.value is not None
        unit, value = point.unit, point.value
        if unit != self.unit:
            if unit not in self._conversions:
                self._conversions[unit] = conversion(unit, self.unit)
            convert = self._conversions[unit]
            converted = convert(value) if convert else math.inf
            if math.isfinite(converted):
                unit, value = self.unit, converted
        numbers = self._windows.setdefault(window, {}).setdefault(unit, _Numbers())
        if unit != point.unit and point.unit is not None:
            numbers.converted_from.add(point.unit)
        return numbers, value


class _Numbers:
    """The values of one window in one unit."""

    def __init__(self) -> None:
        self.converted_from: set[str] = set()
        self._count = 0
        self._low = math.inf
        self._high = -math.inf
        self._held = 0.0
        self._sum = 0.0

    def begin(self, value: float) -> None:
        """A state with this value came."""
        self._count += 1
        self._low = min(self._low, value)
        self._high = max(self._high, value)

    def hold(self, value: float, share: float) -> None:
        """The value was there for this share of the window; shares add up to 1 at most, so no sum overflows."""
        self._low = min(self._low, value)
        self._high = max(self._high, value)
        self._held += share
        self._sum += value * share

    def point(self, start_ns: int, unit: str | None) -> WindowPoint:
        """The answer; rounding must not take the mean beyond the values."""
        mean = min(max(self._sum / self._held, self._low), self._high) if self._held else self._high
        converted_from = tuple(sorted(self.converted_from))
        return WindowPoint(start_ns, self._low, mean, self._high, self._count, unit, converted_from)


def _after(asked: EntityHistory, after_ns: int) -> EntityHistory:
    return EntityHistory(asked.home, asked.entity_id, asked.time_range, asked.limit, after_ns)
