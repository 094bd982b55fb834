"""Latencies of a batch, grouped without losing a count or a millisecond."""

from __future__ import annotations

from bisect import bisect_left

import pytest
from ha_ingestor_core.clock import NS_PER_MS
from ha_ingestor_core.service_metrics import LATENCY_BOUNDS_MS, ServiceCounters
from hypothesis import given
from hypothesis import strategies as st
from websocket_ingestion.delivery.latency import latency_groups


@given(st.lists(st.integers(0, 30_000 * NS_PER_MS)))
def test_groups_count_as_one_observation_an_event_would(latencies: list[int]) -> None:
    ended = 10**18
    grouped, single = ServiceCounters(), [0] * len(LATENCY_BOUNDS_MS)
    for mean_ms, count in latency_groups([ended - latency for latency in latencies], ended):
        grouped.observe_latency(mean_ms, count)
    for latency in latencies:
        single[bisect_left(LATENCY_BOUNDS_MS, latency / NS_PER_MS)] += 1
    assert grouped.latency_counts == single
    assert grouped.latency_sum_ms == pytest.approx(sum(latencies) / NS_PER_MS)


def test_a_latency_on_a_bound_belongs_to_its_bucket() -> None:
    assert latency_groups([0, 0], 5 * NS_PER_MS) == [(5.0, 2)]


def test_a_clock_that_was_set_back_counts_as_no_time() -> None:
    assert latency_groups([10], 5) == [(0.0, 1)]


def test_no_events_are_no_groups() -> None:
    assert latency_groups([], 5) == []
