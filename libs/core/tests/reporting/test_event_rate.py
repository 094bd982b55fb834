"""Events a minute over the last five minutes."""

from __future__ import annotations

import pytest
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.reporting.event_rate import EventRate


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def test_a_short_life_counts_as_a_minute(clock: FakeClock) -> None:
    rate = EventRate(clock)
    rate.add(30)
    clock.advance(10)
    assert rate.per_minute() == 30


def test_a_longer_life_counts_as_long_as_it_is(clock: FakeClock) -> None:
    rate = EventRate(clock)
    for _ in range(120):
        rate.add(2)
        clock.advance(1)
    assert rate.per_minute() == 120


def test_what_is_older_than_five_minutes_is_forgotten(clock: FakeClock) -> None:
    rate = EventRate(clock)
    rate.add(1000)
    clock.advance(290)
    rate.add(50)
    assert rate.per_minute() > 200
    clock.advance(11)
    assert rate.per_minute() == 10


def test_silence_is_a_rate_of_nothing(clock: FakeClock) -> None:
    assert EventRate(clock).per_minute() == 0
