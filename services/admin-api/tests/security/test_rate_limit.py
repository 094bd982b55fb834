"""The rate limit."""

from __future__ import annotations

import pytest
from admin_api.security.rate_limit import RateLimit
from ha_ingestor_core.clock import FakeClock


def test_a_burst_and_then_the_rate(clock: FakeClock) -> None:
    limit = RateLimit(5, clock)
    assert [limit.wait_s("a") for _ in range(20)] == [0.0] * 20
    assert limit.wait_s("a") == pytest.approx(0.2)
    clock.advance(0.2)
    assert limit.wait_s("a") == 0.0
    assert limit.wait_s("a") > 0


def test_another_client_has_a_bucket_of_its_own(clock: FakeClock) -> None:
    limit = RateLimit(1, clock)
    for _ in range(10):
        limit.wait_s("a")
    assert limit.wait_s("b") == 0.0


def test_what_costs_more_is_paid_for(clock: FakeClock) -> None:
    limit = RateLimit(5, clock)
    limit.charge("a", 20)
    assert limit.wait_s("a") > 0
    limit.charge("a", 1_000_000)
    assert limit.wait_s("a") <= 4.3  # the penalty is limited


def test_memory_is_bounded(clock: FakeClock) -> None:
    limit = RateLimit(5, clock, max_clients=100)
    for number in range(1000):
        limit.wait_s(str(number))
    assert len(limit) == 100


def test_zero_is_no_limit(clock: FakeClock) -> None:
    limit = RateLimit(0, clock)
    limit.charge("a", 100)
    assert all(limit.wait_s("a") == 0.0 for _ in range(1000))
    assert len(limit) == 0
