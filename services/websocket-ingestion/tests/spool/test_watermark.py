"""The watermark never runs ahead of what is durable, for all sizes of reads and commits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from websocket_ingestion.spool.watermark import Watermark


def event(second: int) -> Raw:
    return Raw(b'{"event_type":"x","data":{},"time_fired":"1970-01-01T00:%02d:%02d+00:00"}' % divmod(second, 60))


def test_what_is_read_is_not_yet_durable() -> None:
    watermark = Watermark()
    watermark.read(3, event(1))
    assert watermark.time_ns is None
    watermark.committed(2)
    assert watermark.time_ns is None
    watermark.committed(1)
    assert watermark.time_ns == 1_000_000_000


def test_it_goes_back_with_home_assistants_clock() -> None:
    watermark = Watermark()
    for second in (9, 3):
        watermark.read(1, event(second))
        watermark.committed(1)
    assert watermark.time_ns == 3_000_000_000


def test_an_event_that_is_dated_ahead_counts_as_of_when_it_came() -> None:
    came_ns = {1.0: (5_400_000_000, 6_400_000_000), 2.0: (6_400_000_000, 7_400_000_000)}
    watermark = Watermark(came_ns.__getitem__)
    watermark.read(1, event(3600 - 1), 1.0)
    watermark.committed(1)
    assert watermark.time_ns == 5_400_000_000
    watermark.read(1, event(6), 2.0)
    watermark.committed(1)
    assert watermark.time_ns == 6_000_000_000


def test_an_event_counts_with_its_own_time_where_the_clock_may_have_shown_that() -> None:
    """The clock is known to a second: a missed rename is dated after the last event with the old id."""
    watermark = Watermark(lambda _: (5_100_000_000, 6_100_000_000))
    watermark.read(1, event(6), 1.0)
    watermark.committed(1)
    assert watermark.time_ns == 6_000_000_000


@pytest.mark.parametrize("odd", [b"7", b'"text"', b"{}", b'{"time_fired":"2026-01-01T00:00:00"}', b"\xff"])
def test_an_event_without_a_time_keeps_the_watermark(odd: bytes) -> None:
    watermark = Watermark()
    watermark.read(1, event(5))
    watermark.read(1, None)
    watermark.read(1, Raw(odd))
    watermark.committed(1)
    assert watermark.time_ns == 5_000_000_000
    watermark.committed(2)
    assert watermark.time_ns == 5_000_000_000


def test_a_time_without_events_counts_when_all_before_it_is_durable() -> None:
    watermark = Watermark()
    watermark.read(0, 1)
    assert watermark.time_ns == 1
    watermark.read(2, None)
    watermark.read(0, 7)
    assert watermark.time_ns == 1
    watermark.committed(2)
    assert watermark.time_ns == 7


@given(reads=st.lists(st.integers(1, 5), max_size=30), commits=st.lists(st.integers(1, 9), max_size=30))
def test_it_is_the_last_that_is_wholly_durable(reads: list[int], commits: list[int]) -> None:
    watermark = Watermark()
    for n, events in enumerate(reads, 1):
        watermark.read(events, n)
    durable = 0
    for events in commits:
        events = min(events, sum(reads) - durable)
        durable += events
        watermark.committed(events)
        whole = sum(1 for n in range(len(reads)) if sum(reads[: n + 1]) <= durable)
        assert watermark.time_ns == (whole or None)
