"""The numbers of an entity by window."""

from __future__ import annotations

import pytest
from ha_ingestor_store.answers import HistoryPage, HistoryPoint, WindowPoint
from ha_ingestor_store.entity_windows import Windows, entity_windows
from ha_ingestor_store.questions import EntityHistory, EntityWindows
from ha_ingestor_store.time_range import TimeRange

_PAGE = 3


def windows_of(*points: HistoryPoint, unit: str | None = None, end_ns: int = 10) -> list[WindowPoint]:
    windows = Windows(0, 10, unit, limit=100)
    for point in points:
        windows.add(point)
    windows.end(end_ns, end_ns)
    return windows.points()[0]


def test_numbers_near_the_largest_float_have_a_mean() -> None:
    (point,) = windows_of(
        HistoryPoint(0, None, 1.7e308), HistoryPoint(3, None, 1.7e308), HistoryPoint(6, None, 1.6e308)
    )
    assert point.mean == pytest.approx(1.66e308)
    assert point.max == 1.7e308


def test_a_value_too_large_to_convert_stays_in_its_unit() -> None:
    points = windows_of(HistoryPoint(0, None, 1.7e308, "°C"), HistoryPoint(5, None, 68.0, "°F"), unit="°F")
    assert [(point.unit, point.max, point.converted_from) for point in points] == [
        ("°C", 1.7e308, ()),
        ("°F", 68.0, ()),
    ]


def test_states_of_one_nanosecond_leave_no_window_without_a_mean() -> None:
    points = windows_of(HistoryPoint(9, None, 1.0, "W"), HistoryPoint(9, None, 2.0, "A"))
    assert [(point.unit, point.mean, point.count) for point in points] == [("A", 2.0, 1), ("W", 1.0, 1)]


async def test_states_are_asked_page_by_page_and_no_further_than_needed() -> None:
    states = [HistoryPoint(n, None, float(n)) for n in range(100)]
    asked: list[int | None] = []

    async def history(question: EntityHistory) -> HistoryPage:
        asked.append(question.after_ns)
        after_ns = -1 if question.after_ns is None else question.after_ns
        found = [s for s in states if s.time_ns > after_ns and s.time_ns >= question.time_range.start_ns]
        more = len(found) > _PAGE
        return HistoryPage("W", found[:_PAGE], found[_PAGE - 1].time_ns if more else None)

    async def before(home: str, entity_id: str, time_ns: int) -> HistoryPoint | None:
        return next((state for state in reversed(states) if state.time_ns < time_ns), None)

    question = EntityWindows("home", "sensor.a", TimeRange(5, 100), 10, 100, limit=2)
    page = await entity_windows(question, history, before)
    assert [(p.start_ns, p.min, p.max, p.count) for p in page.points] == [(0, 5.0, 9.0, 5), (10, 10.0, 19.0, 10)]
    assert page.next_after_ns == 10
    assert asked[-1] == 19
