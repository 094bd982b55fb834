"""Slices of a long range."""

from __future__ import annotations

from ha_ingestor_store.influx.queries.time_slices import slices_back
from hypothesis import given
from hypothesis import strategies as st


@given(st.integers(0, 10**18), st.integers(1, 10**18))
def test_slices_cover_the_range_backwards(start: int, length: int) -> None:
    at = start + length
    for begin, end in slices_back(start, start + length, 1_000_000_000):
        assert begin < end == at
        at = begin
    assert at == start


def test_an_empty_range_has_no_slices() -> None:
    assert slices_back(5, 5, 1) == []
