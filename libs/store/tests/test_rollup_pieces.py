"""The pieces of a time range that rollups answer."""

from __future__ import annotations

import itertools

from ha_ingestor_store.rollup_pieces import plan_pieces, shorten_edges
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS, TimeRange
from hypothesis import given
from hypothesis import strategies as st

GRAINS = (MINUTE_NS, HOUR_NS, DAY_NS)
ranges = st.builds(
    lambda start, length: TimeRange(start, start + length),
    st.integers(-2 * DAY_NS, 100 * DAY_NS),
    st.one_of(st.integers(1, 3 * MINUTE_NS), st.integers(1, 5 * DAY_NS)),
)


@given(ranges, st.sampled_from([GRAINS, GRAINS[:2], GRAINS[:1], ()]))
def test_pieces_cover_the_range_exactly_once(time_range: TimeRange, grains: tuple[int, ...]) -> None:
    pieces = plan_pieces(time_range, grains)
    assert pieces[0].start_ns == time_range.start_ns
    assert pieces[-1].end_ns == time_range.end_ns
    for piece, following in itertools.pairwise(pieces):
        assert piece.end_ns == following.start_ns
    for piece in pieces:
        assert piece.start_ns < piece.end_ns
        if piece.grain_ns:
            assert piece.start_ns % piece.grain_ns == piece.end_ns % piece.grain_ns == 0


@given(ranges)
def test_raw_edges_are_shorter_than_a_minute(time_range: TimeRange) -> None:
    edges = [p for p in plan_pieces(time_range, GRAINS) if p.grain_ns == 0]
    assert all(p.end_ns - p.start_ns < 2 * MINUTE_NS for p in edges)


@given(ranges, st.data())
def test_shortened_edges_count_every_moment_once(time_range: TimeRange, data: st.DataObject) -> None:
    moment = data.draw(st.integers(time_range.start_ns - MINUTE_NS, time_range.end_ns + MINUTE_NS))
    pieces = shorten_edges(plan_pieces(time_range, GRAINS), MINUTE_NS)
    times = sum(p.sign for p in pieces if p.start_ns <= moment < p.end_ns)
    assert times == (time_range.start_ns <= moment < time_range.end_ns)


def test_the_minute_that_is_not_over_is_read_from_its_rollup() -> None:
    pieces = shorten_edges(plan_pieces(TimeRange(0, HOUR_NS + 1), GRAINS), MINUTE_NS)
    assert [p[:3] for p in pieces if p.grain_ns == 0] == [(0, HOUR_NS + 1, HOUR_NS + MINUTE_NS)]
