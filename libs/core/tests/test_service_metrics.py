"""Counting, the points of an interval, and a reporter that survives an outage of the store."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.errors import StoreUnavailableError
from ha_ingestor_core.service_metrics import (
    LATENCY_BOUNDS_MS,
    Counter,
    Level,
    ServiceCounters,
    ServiceMetricsPoint,
    ServiceMetricsReporter,
    interval_point,
    latency_quantile,
)


class FakeSink:
    def __init__(self) -> None:
        self.points: list[ServiceMetricsPoint] = []
        self.is_down = False
        self.mistakes: list[Exception] = []
        self.written = asyncio.Semaphore(0)

    async def write_service_metrics(self, points: Sequence[ServiceMetricsPoint]) -> None:
        if self.is_down:
            raise StoreUnavailableError("away")
        if self.mistakes:
            raise self.mistakes.pop()
        self.points.extend(points)
        self.written.release()


def reporter(sink: FakeSink, counters: ServiceCounters, clock: FakeClock) -> ServiceMetricsReporter:
    return ServiceMetricsReporter(
        service="s",
        instance="i",
        counters=counters,
        sink=sink,
        clock=clock,
        levels=lambda: {Level.QUEUE_DEPTH: 3.0, Level.LAG_S: None},
        interval_s=0.01,
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


async def test_stopping_writes_the_last_partial_interval() -> None:
    sink, counters = FakeSink(), ServiceCounters()
    part = reporter(sink, counters, FakeClock())
    await part.start()
    counters.add(Counter.RECEIVED, 3)
    await part.stop()
    assert sum(p.counters["events_received"] for p in sink.points) == 3


async def test_points_of_an_outage_are_written_later_with_their_own_time() -> None:
    sink, counters, clock = FakeSink(), ServiceCounters(), FakeClock(now_ns=0)
    part = reporter(sink, counters, clock)
    sink.is_down = True
    for _ in range(3):
        counters.add(Counter.RECEIVED)
        clock.advance(10)
        await part.report()
    assert sink.points == []
    sink.is_down = False
    clock.advance(10)
    await part.report()
    assert [p.time_ns for p in sink.points] == [10_000_000_000 * n for n in (1, 2, 3, 4)]
    assert [p.counters["events_received"] for p in sink.points] == [1, 1, 1, 0]


async def test_a_running_reporter_reports_every_interval() -> None:
    sink = FakeSink()
    part = reporter(sink, ServiceCounters(), FakeClock())
    await part.start()
    for _ in range(2):
        await sink.written.acquire()
    await part.stop()
    assert sink.points[0].levels["queue_depth"] == 3


async def test_a_mistake_of_ours_does_not_end_the_reports() -> None:
    sink, counters = FakeSink(), ServiceCounters()
    sink.mistakes = [PermissionError("read-only file system")]
    part = reporter(sink, counters, FakeClock())
    counters.add(Counter.RECEIVED, 3)
    await part.start()
    async with asyncio.timeout(5):
        await sink.written.acquire()
    await part.stop()
    assert sum(p.counters["events_received"] for p in sink.points) == 3
