"""Services by window out of sums and levels."""

from __future__ import annotations

from ha_ingestor_core.service_metrics import LATENCY_BUCKETS, LATENCY_SUM, Level
from ha_ingestor_store.service_windows import service_windows


def test_parts_of_one_window_are_added_before_a_ratio_is_taken() -> None:
    parts = [
        (("s", 0), {"events_processed": 99.0}),
        (("s", 0), {"events_processed": 0.0, "events_failed": 1.0}),
    ]
    (window,) = service_windows(parts)
    assert (window.counters["events_processed"], window.success_rate) == (99, 99.0)


def test_latencies_are_those_of_all_events_of_the_window() -> None:
    sums = {**dict.fromkeys(LATENCY_BUCKETS, 4.0), LATENCY_SUM: 2.0}
    (window,) = service_windows([(("s", 0), sums)])
    assert (window.processing_time_ms, window.processing_time_ms_p50, window.processing_time_ms_p95) == (0.5, 0.5, 0.95)


def test_a_level_is_the_highest_of_all_parts() -> None:
    (window,) = service_windows([(("s", 0), {Level.LAG_S: 7.0}), (("s", 0), {Level.LAG_S: 2.0})])
    assert (window.lag_s_max, window.queue_depth_max, window.success_rate) == (7.0, None, None)


def test_windows_are_in_the_order_of_services_and_time() -> None:
    parts = [(key, {Level.LAG_S.value: 1.0}) for key in (("b", 0), ("a", 60), ("a", 0))]
    assert [(each.service, each.start_ns) for each in service_windows(parts)] == [("a", 0), ("a", 60), ("b", 0)]


def test_a_part_that_says_nothing_makes_no_window() -> None:
    assert service_windows([(("s", 0), {})]) == []
