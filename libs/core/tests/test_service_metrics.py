"""Counting, and the points of an interval."""

from __future__ import annotations

import pytest
from ha_ingestor_core.service_metrics import (
    LATENCY_BOUNDS_MS,
    Counter,
    Level,
    ServiceCounters,
    interval_point,
    latency_quantile,
)


def test_a_point_holds_the_difference_and_the_levels() -> None:
    before, after = ServiceCounters(), ServiceCounters()
    before.add(Counter.RECEIVED, 5)
    after.add(Counter.RECEIVED, 12)
    after.add(Counter.PROCESSED, 6)
    after.add(Counter.REJECTED, 1)
    after.observe_latency(7, events=4)
    after.observe_latency(100_000, events=1)
    point = interval_point("s", "i", 9, before, after, {Level.QUEUE_DEPTH: 2, Level.LAG_S: None})
    assert point.counters["events_received"] == 7
    assert point.counters["processing_time_ms_le_5"] == 0
    assert point.counters["processing_time_ms_le_10"] == 4
    assert point.counters["processing_time_ms_le_inf"] == 5
    assert point.levels["processing_time_ms"] == pytest.approx((4 * 7 + 100_000) / 5)
    assert point.levels["success_rate"] == pytest.approx(100 * 6 / 7)
    assert point.levels["queue_depth"] == 2
    assert "lag_s" not in point.levels


def test_an_idle_interval_has_no_latency_and_no_success_rate() -> None:
    point = interval_point("s", "i", 9, ServiceCounters(), ServiceCounters(), {})
    assert point.levels == {"processing_time_ms_sum": 0.0}


@pytest.mark.parametrize(
    ("quantile", "counts", "expected"),
    [
        (0.95, {}, None),
        (0.5, {10: 10}, 7.5),
        (0.95, {10: 100}, 5 + 5 * 0.95),
        (0.5, {1: 10, 1000: 2}, 0.6),
        (0.99, {float("inf"): 1}, 10_000),
    ],
)
def test_quantiles_are_linear_within_a_bucket(
    quantile: float, counts: dict[float, int], expected: float | None
) -> None:
    cumulative, total = [], 0
    for bound in LATENCY_BOUNDS_MS:
        total += counts.get(bound, 0)
        cumulative.append(total)
    assert latency_quantile(quantile, cumulative) == (None if expected is None else pytest.approx(expected))
