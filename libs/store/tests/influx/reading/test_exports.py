"""Ranges that hold about a page."""

from __future__ import annotations

from bisect import bisect_left

from ha_ingestor_store.influx.reading.exports import next_range
from hypothesis import given
from hypothesis import strategies as st

END = 10**18


class Axis:
    """Points on a line, and how often somebody asked how many there are."""

    def __init__(self, times: list[int]) -> None:
        self.times = sorted(times)
        self.asked = 0

    async def size(self, start: int, end: int) -> int:
        self.asked += 1
        return bisect_left(self.times, end) - bisect_left(self.times, start)


times = st.lists(st.one_of(st.integers(0, 50), st.integers(0, 10**6), st.integers(0, END - 1)), max_size=60)


@given(points=times, limit=st.integers(1, 20), length=st.sampled_from([1, 60, 10**9]))
async def test_ranges_hold_every_point_once_and_no_more_than_the_limit(
    points: list[int], limit: int, length: int
) -> None:
    axis = Axis(points)
    start, found = 0, []
    while (page := await next_range(start, END, limit, length, axis.size)) is not None:
        assert page[0] >= start
        inside = [time for time in axis.times if page[0] <= time < page[1]]
        assert inside
        assert len(inside) <= limit or page[1] - page[0] == 1
        found += inside
        start, length = page[1], page[1] - page[0]
    assert found == axis.times


async def test_points_that_come_evenly_cost_one_question_a_page() -> None:
    axis = Axis(list(range(0, 100_000, 10)))
    start, length, pages = 0, 900, 0
    while start < 100_000 and (page := await next_range(start, 100_000, 100, length, axis.size)) is not None:
        start, length, pages = page[1], page[1] - page[0], pages + 1
    assert axis.asked == pages


async def test_nothing_is_found_within_few_questions() -> None:
    axis = Axis([])
    assert await next_range(0, END, 10, 60, axis.size) is None
    assert axis.asked < 40
