"""Statistics from reports in memory."""

from __future__ import annotations

from admin_api.stats.sources import report_sums as remembered
from admin_api.stats.sources.period_statistics import WindowCount, WindowValue
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.reporting.report_memory import Reports
from ha_ingestor_core.service_metrics import (
    LATENCY_BUCKETS,
    LATENCY_SUM,
    Level,
    ServiceCounters,
    ServiceMetricsPoint,
    interval_point,
)
from ha_ingestor_store.answers import Coverage
from ha_ingestor_store.embedded.store import EmbeddedStore
from ha_ingestor_store.time_range import MINUTE_NS, TimeRange

START_NS = 1_800_000_000 * NS_PER_S
PERIOD = TimeRange(START_NS, START_NS + 10 * MINUTE_NS)


def point(at_s: float, levels: dict[str, float] | None = None, **counters: int) -> ServiceMetricsPoint:
    return ServiceMetricsPoint("s", START_NS + round(at_s * NS_PER_S), "i", counters, levels or {})


def reports(*points: ServiceMetricsPoint, since_s: float = 0, **unreported: int) -> Reports:
    return Reports("s", START_NS + round(since_s * NS_PER_S), list(points), [point(600, None, **unreported)])


def test_a_service_without_a_report_in_the_period_is_not_there() -> None:
    assert remembered.service_statistics(reports(point(-1, events_received=1)), PERIOD) is None
    assert remembered.service_statistics(reports(point(600, events_received=1)), PERIOD) is None


def test_sums_are_sums_and_levels_the_newest() -> None:
    told = reports(
        point(10, {"queue_depth": 5.0, "lag_s": 2.0}, events_received=3, events_processed=2, events_failed=1),
        point(20, {"queue_depth": 1.0}, events_received=4),
    )
    found = remembered.service_statistics(told, PERIOD)
    assert found is not None
    assert (found.counters["events_received"], found.counters["events_duplicate"]) == (7, 0)
    assert (found.queue_depth, found.lag_s, found.last_seen_ns) == (1.0, None, START_NS + 20 * NS_PER_S)
    assert found.success_rate == 200 / 3
    assert (found.processing_time_ms, found.processing_time_ms_p95) == (None, None)


async def test_the_store_has_the_same_results_for_the_same_reports(tmp_path: object) -> None:
    counters, before, points = ServiceCounters(), ServiceCounters(), []
    for n in range(30):
        counters.totals = {c: total + n for c, total in counters.totals.items()}
        counters.observe_latency(n * 7.0, events=n + 1)
        levels = {Level.QUEUE_DEPTH: float(n % 4), Level.LAG_S: None if n % 3 else n / 10}
        points.append(interval_point("s", "i", START_NS + n * 10 * NS_PER_S, before, counters, levels))
        before = counters.snapshot()
    store = await EmbeddedStore.open(tmp_path)  # type: ignore[arg-type]
    await store.writer.write_service_metrics(points)
    assert [remembered.service_statistics(reports(*points), PERIOD)] == await store.reader.service_statistics(PERIOD)
    windows = remembered.service_windows([reports(*points)], PERIOD, MINUTE_NS)
    assert windows == await store.reader.service_windows(PERIOD, MINUTE_NS)
    await store.close()


def test_stored_events_are_those_written_even_if_not_reported_yet() -> None:
    told = reports(point(10, events_processed=3), point(700, events_processed=9), events_processed=2)
    assert remembered.stored_events(told, PERIOD) == 5


def test_a_window_before_the_memory_is_unknown_and_an_empty_one_0() -> None:
    told = reports(point(310, events_processed=3), since_s=301, events_processed=2)
    assert remembered.stored_trend(told, PERIOD, 2 * MINUTE_NS) == [
        WindowCount(START_NS, None),
        WindowCount(START_NS + 2 * MINUTE_NS, None),
        WindowCount(START_NS + 4 * MINUTE_NS, 3),
        WindowCount(START_NS + 6 * MINUTE_NS, 0),
        WindowCount(START_NS + 8 * MINUTE_NS, 2),
    ]


def test_coverage_is_what_is_remembered() -> None:
    assert remembered.coverage(reports(since_s=-1), PERIOD) == Coverage(START_NS, complete=True)
    assert remembered.coverage(reports(since_s=60), PERIOD) == Coverage(START_NS + MINUTE_NS, complete=False)
    assert remembered.coverage(reports(since_s=6000), PERIOD) == Coverage(PERIOD.end_ns, complete=False)


def test_a_series_sums_counters_and_means_levels() -> None:
    told = [
        reports(point(10, {"lag_s": 1.0}, events_received=3), point(20, {"lag_s": 2.0}, events_received=4)),
        reports(point(70, events_received=5)),
    ]
    assert remembered.series(told, "events_received", PERIOD, MINUTE_NS) == [
        WindowValue(START_NS, 7.0),
        WindowValue(START_NS + MINUTE_NS, 5.0),
    ]
    assert remembered.series(told, "lag_s", PERIOD, MINUTE_NS) == [WindowValue(START_NS, 1.5)]


def test_latest_are_the_fields_of_the_newest_report_with_its_zeros() -> None:
    told = [reports(point(10), point(20, {"lag_s": 1.5, LATENCY_SUM: 3.0}, events_received=3))]
    found = {metric.name: metric.value for metric in remembered.latest(told, 1000)}
    assert (found["events_received"], found["events_failed"], found["lag_s"], found[LATENCY_SUM]) == (3, 0, 1.5, 3)
    assert found.keys() >= set(LATENCY_BUCKETS)
    assert len(remembered.latest(told, 4)) == 4


def test_instances_add_up_as_they_do_in_the_store() -> None:
    here = ServiceMetricsPoint("s", START_NS, "here", {"events_received": 1}, {"queue_depth": 5.0, "lag_s": 1.0})
    there = ServiceMetricsPoint("s", START_NS + 1, "there", {"events_received": 2}, {"queue_depth": 3.0, "lag_s": 4.0})
    found = remembered.service_statistics(Reports("s", START_NS, [here, there], [here, there]), PERIOD)
    assert found is not None
    assert (found.counters["events_received"], found.queue_depth, found.lag_s) == (3, 8.0, 4.0)
    latest = remembered.latest([Reports("s", START_NS, [here, there], [])], 1000)
    assert {metric.instance for metric in latest if metric.name == "lag_s"} == {"here", "there"}


def test_what_happens_now_is_no_part_of_a_range_that_is_over() -> None:
    told = reports(point(10, events_processed=2), events_processed=5)
    assert remembered.stored_events(told, PERIOD) == 7
    assert remembered.stored_events(told, TimeRange(PERIOD.start_ns, PERIOD.start_ns + 60 * NS_PER_S)) == 2
