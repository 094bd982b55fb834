"""The numbers of an entity by window, computed from its states in the same way for every dialect.

Databases cannot compute them: a value holds until the next one, and `integral()` of InfluxQL and Flux interpolates.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable

from ha_ingestor_core.units import Conversion, conversion

from ha_ingestor_store.answers import HistoryPage, HistoryPoint, WindowPoint, WindowsPage
from ha_ingestor_store.questions import EntityHistory, EntityWindows
from ha_ingestor_store.time_range import TimeRange

_STATES_PER_QUESTION = 20_000

AskHistory = Callable[[EntityHistory], Awaitable[HistoryPage]]
AskBefore = Callable[[str, str, int], Awaitable[HistoryPoint | None]]


async def entity_windows(question: EntityWindows, history: AskHistory, before: AskBefore) -> WindowsPage:
    """Return the windows, from states in order; `before` returns the last state of (home, entity id) before a time."""
    time_range = question.time_range
    start_ns = time_range.start_ns
    if question.after_ns is not None:
        start_ns = max(start_ns, (question.after_ns // question.window_ns + 1) * question.window_ns)
    part = EntityHistory(
        question.home, question.entity_id, TimeRange(start_ns, max(start_ns, time_range.end_ns)), _STATES_PER_QUESTION
    )
    page = await history(part)
    windows = Windows(start_ns, question.window_ns, page.unit, question.limit)
    held = await before(question.home, question.entity_id, start_ns) if start_ns < time_range.end_ns else None
    if held is not None:
        windows.add(held)
    while True:
        for point in page.points:
            windows.add(point)
        if page.next_after_ns is None or windows.is_full:
            break
        page = await history(_after(part, page.next_after_ns))
    windows.end(time_range.end_ns, question.now_ns)
    points, more = windows.points()
    return WindowsPage(windows.unit, points, points[-1].start_ns if more else None)


class Windows:
    """Adds states, oldest first, to windows; starts at most one window more than `limit`.

    It runs for every state of a long range, so it caches what the next state most likely needs.
    """

    def __init__(self, start_ns: int, window_ns: int, unit: str | None, limit: int) -> None:
        self.unit = unit
        self._start_ns = start_ns
        self._window_ns = window_ns
        self._limit = limit
        self._windows: dict[int, dict[str | None, _Numbers]] = {}
        self._conversions: dict[str | None, Conversion | None] = {}
        self._held: tuple[int, float | None, str | None, str | None] = 0, None, None, None
        self._latest: tuple[int, str | None, _Numbers] | None = None

    @property
    def is_full(self) -> bool:
        """Whether further states cannot change the windows of the answer."""
        return len(self._windows) > self._limit

    def add(self, point: HistoryPoint) -> None:
        """Begin a state, which ends the previous one; a state before the start only continues into it."""
        time_ns = point.time_ns
        self._hold(time_ns)
        if point.value is None:
            self._held = time_ns, None, None, None
            return
        value, unit = point.value, point.unit
        if unit != self.unit:
            value, unit = self._converted(value, unit)
        self._held = time_ns, value, unit, point.unit
        if time_ns >= self._start_ns:
            numbers = self._numbers(time_ns // self._window_ns, unit)
            numbers.count += 1
            numbers.include(value, point.unit)

    def end(self, end_ns: int, now_ns: int) -> None:
        """End the last state at `end_ns` or now, whichever is earlier, but at least a nanosecond after its start."""
        self._hold(min(end_ns, max(now_ns, self._held[0] + 1)))

    def points(self) -> tuple[list[WindowPoint], bool]:
        """Return the points of the first `limit` windows, and whether there are more windows."""
        numbers = sorted(self._windows)
        points = [
            found.point(number * self._window_ns, unit)
            for number in numbers[: self._limit]
            for unit, found in sorted(self._windows[number].items(), key=lambda item: item[0] or "")
        ]
        return points, len(numbers) > self._limit

    def _hold(self, until_ns: int) -> None:
        """Continue the last state until then."""
        from_ns, value, unit, source_unit = self._held
        if value is None:
            return
        from_ns = max(from_ns, self._start_ns)
        while from_ns < until_ns and not self.is_full:
            window = from_ns // self._window_ns
            end_ns = min(until_ns, (window + 1) * self._window_ns)
            numbers = self._numbers(window, unit)
            share = (end_ns - from_ns) / self._window_ns
            numbers.held += share
            numbers.sum += value * share
            if from_ns == window * self._window_ns or from_ns == self._start_ns:  # else it began here, and is counted
                numbers.include(value, source_unit)
            from_ns = end_ns

    def _converted(self, value: float, unit: str | None) -> tuple[float, str | None]:
        """Return a value converted to the unit of the answer if possible, and its unit."""
        if unit not in self._conversions:
            self._conversions[unit] = conversion(unit, self.unit)
        convert = self._conversions[unit]
        converted = convert(value) if convert else math.inf
        return (converted, self.unit) if math.isfinite(converted) else (value, unit)

    def _numbers(self, window: int, unit: str | None) -> _Numbers:
        latest = self._latest
        if latest is None or latest[0] != window or latest[1] != unit:
            numbers = self._windows.setdefault(window, {}).setdefault(unit, _Numbers(unit))
            self._latest = latest = window, unit, numbers
        return latest[2]


class _Numbers:
    """The values of one window in one unit: a sum weighted by the share of the window.

    Shares add up to at most 1, so sums do not overflow.
    """

    __slots__ = ("_high", "_low", "_unit", "converted_from", "count", "held", "sum")

    def __init__(self, unit: str | None) -> None:
        self.count = 0
        self.held = 0.0
        self.sum = 0.0
        self.converted_from: set[str] = set()
        self._unit = unit
        self._low = math.inf
        self._high = -math.inf

    def include(self, value: float, unit: str | None) -> None:
        """Include a value, which had this unit."""
        if value < self._low:
            self._low = value
        if value > self._high:
            self._high = value
        if unit != self._unit and unit is not None:
            self.converted_from.add(unit)

    def point(self, start_ns: int, unit: str | None) -> WindowPoint:
        """Return the point; the mean is limited to the range of the values, since it is rounded."""
        mean = min(max(self.sum / self.held, self._low), self._high) if self.held else self._high
        converted_from = tuple(sorted(self.converted_from))
        return WindowPoint(start_ns, self._low, mean, self._high, self.count, unit, converted_from)


def _after(part: EntityHistory, after_ns: int) -> EntityHistory:
    return EntityHistory(part.home, part.entity_id, part.time_range, part.limit, after_ns)
