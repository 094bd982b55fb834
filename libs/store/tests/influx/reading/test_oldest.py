"""The oldest point of all, found in slices."""

from __future__ import annotations

from ha_ingestor_store.influx.reading.oldest import oldest_ns, slices_until
from ha_ingestor_store.influx.schema import MAX_TIME_NS, MIN_TIME_NS
from ha_ingestor_store.time_range import DAY_NS
from hypothesis import given
from hypothesis import strategies as st

NOW_NS = 1_800_000_000 * 1_000_000_000
times = st.integers(MIN_TIME_NS, MAX_TIME_NS - 1)


class Points:
    """Tells the first point of a range, and remembers how long the ranges with a point were."""

    def __init__(self, times_ns: list[int]) -> None:
        self.times_ns = times_ns
        self.found_in: list[tuple[int, int]] = []

    async def first_ns(self, start_ns: int, end_ns: int) -> int | None:
        found = min((time_ns for time_ns in self.times_ns if start_ns <= time_ns < end_ns), default=None)
        if found is not None:
            self.found_in.append((start_ns, end_ns))
        return found


@given(st.lists(times, max_size=5), times)
async def test_the_oldest_point_is_found_wherever_it_is(times_ns: list[int], now_ns: int) -> None:
    assert await oldest_ns(Points(times_ns).first_ns, now_ns) == min(times_ns, default=None)


@given(st.integers(2, 20_000))
async def test_no_more_than_a_third_of_what_there_is_is_read(days: int) -> None:
    points = Points([NOW_NS - days * DAY_NS, NOW_NS - DAY_NS])
    await oldest_ns(points.first_ns, NOW_NS)
    ((start_ns, end_ns),) = points.found_in
    assert end_ns - max(start_ns, points.times_ns[0]) <= days * DAY_NS * 0.4 + DAY_NS


@given(times)
def test_slices_are_all_time(now_ns: int) -> None:
    at = MIN_TIME_NS
    for start_ns, end_ns in slices_until(now_ns):
        assert start_ns == at < end_ns
        at = end_ns
    assert at == MAX_TIME_NS
    assert len(slices_until(now_ns)) < 32
