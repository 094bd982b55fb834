"""Where the newest events are: held against a plain list of times."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from ha_ingestor_store.influx.queries import time_slices as newest
from ha_ingestor_store.influx.queries.time_slices import Range, newest_range, slices_back
from hypothesis import given
from hypothesis import strategies as st

SECOND = 1_000_000_000


class Events:
    """Times of events, and how they were asked for."""

    def __init__(self, times: list[int]) -> None:
        self.all = sorted(times)
        self.questions = 0
        self.most_times = 0

    async def counts(self, ranges: Sequence[Range]) -> list[int]:
        self.questions += 1
        return [sum(start <= at < end for at in self.all) for start, end in ranges]

    async def times(self, start_ns: int, end_ns: int) -> list[int]:
        self.questions += 1
        found = [at for at in self.all if start_ns <= at < end_ns]
        self.most_times = max(self.most_times, len(found))
        return found

    def range(self, start_ns: int, end_ns: int, limit: int) -> Range | None:
        return asyncio.run(newest_range(start_ns, end_ns, limit, counts=self.counts, times=self.times))


spread = st.lists(st.one_of(st.integers(0, 100), st.integers(0, 400 * SECOND)), max_size=30)


@given(spread, st.integers(0, 300 * SECOND), st.integers(1, 400 * SECOND), st.integers(1, 10))
def test_it_is_the_shortest_range_that_holds_the_newest(times: list[int], start: int, length: int, limit: int) -> None:
    inside = sorted((at for at in times if start <= at < start + length), reverse=True)
    found = Events(times).range(start, start + length, limit)
    if not inside:
        assert found is None
    elif len(inside) < limit:
        assert found == (start, start + length)
    else:
        assert found == (inside[limit - 1], start + length)


@given(spread, st.integers(1, 10))
def test_a_dense_slice_is_divided_before_its_times_are_read(times: list[int], limit: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(newest, "_MOST_TIMES", 3)
        events = Events(times)
        found = events.range(0, 500 * SECOND, limit)
    ordered = sorted(times, reverse=True)
    if len(ordered) >= limit:
        assert found == (ordered[limit - 1], 500 * SECOND)
    crowd = max((times.count(at) for at in times), default=0)
    assert events.most_times <= max(3, crowd)


def test_the_newest_second_is_found_with_two_questions() -> None:
    events = Events([SECOND * n for n in range(1_000)])
    events.range(0, 999 * SECOND + 1, 1)
    assert events.questions == 2


def test_an_event_of_long_ago_is_found_with_few_questions() -> None:
    events = Events([0])
    century = 100 * 365 * 86_400 * SECOND
    assert events.range(0, century, 1) == (0, century)
    assert events.questions <= 4


@given(st.integers(0, 10**18), st.integers(1, 10**18))
def test_slices_cover_the_range_backwards(start: int, length: int) -> None:
    at = start + length
    for begin, end in slices_back(start, start + length):
        assert begin < end == at
        at = begin
    assert at == start


def test_an_empty_range_has_no_slices() -> None:
    assert slices_back(5, 5) == []
    assert Events([1]).range(5, 5, 1) is None
