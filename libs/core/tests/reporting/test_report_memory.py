"""A memory of reports that forgets the oldest, and says from when on it knows everything."""

from __future__ import annotations

from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.reporting.report_memory import ReportMemory
from ha_ingestor_core.service_metrics import LATENCY_SUM, ServiceMetricsPoint

START_NS = 1_800_000_000 * NS_PER_S  # a whole minute


def report(at_s: int, received: int = 1) -> ServiceMetricsPoint:
    return ServiceMetricsPoint(
        service="s",
        time_ns=START_NS + at_s * NS_PER_S,
        instance="i",
        counters={"events_received": received, "events_failed": 0},
        levels={"queue_depth": float(at_s), LATENCY_SUM: 2.0},
    )


def test_reports_come_back_from_a_time_on() -> None:
    memory = ReportMemory(START_NS)
    for at_s in (10, 20, 30):
        memory.add(report(at_s))
    assert [point.time_ns for point in memory.since(START_NS + 20 * NS_PER_S)] == [
        START_NS + 20 * NS_PER_S,
        START_NS + 30 * NS_PER_S,
    ]
    assert memory.since_ns == START_NS


def test_a_counter_of_zero_is_left_out() -> None:
    memory = ReportMemory(START_NS)
    memory.add(report(10))
    assert memory.since(START_NS)[0].counters == {"events_received": 1}


def test_what_is_older_is_kept_by_minute_with_the_same_sums() -> None:
    memory = ReportMemory(START_NS, whole_reports=2)
    for at_s in range(10, 130, 10):
        memory.add(report(at_s))
    points = memory.since(0)
    assert [(point.time_ns - START_NS) // NS_PER_S for point in points] == [50, 100, 110, 120]
    assert [point.counters["events_received"] for point in points] == [5, 5, 1, 1]
    assert points[0].levels == {"queue_depth": 50.0, LATENCY_SUM: 10.0}
    assert memory.since_ns == START_NS


def test_what_is_forgotten_is_not_claimed_to_be_known() -> None:
    memory = ReportMemory(START_NS, whole_reports=1, minutes=1)
    for at_s in (10, 70, 130):
        memory.add(report(at_s))
    assert memory.since_ns == START_NS + 10 * NS_PER_S + 1
    assert [point.time_ns for point in memory.since(0)] == [START_NS + 70 * NS_PER_S, START_NS + 130 * NS_PER_S]


def test_a_report_of_an_earlier_process_reaches_further_back() -> None:
    memory = ReportMemory(START_NS)
    memory.add(report(-50))
    assert memory.since_ns == START_NS - 50 * NS_PER_S
