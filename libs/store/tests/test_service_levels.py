from __future__ import annotations

from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_store.service_levels import NewestReport, ServiceLevels, service_levels

NOW = 1_000 * NS_PER_S


def test_queues_add_up_and_the_slowest_instance_is_the_lag() -> None:
    reports = [NewestReport(NOW, 3.0, 0.5), NewestReport(NOW - 9 * NS_PER_S, 40.0, 7.5)]
    assert service_levels(reports) == ServiceLevels(NOW, 43.0, 7.5)


def test_an_instance_that_ended_says_nothing_of_now() -> None:
    reports = [NewestReport(NOW - 31 * NS_PER_S, 40.0, 7.5), NewestReport(NOW, 3.0, 0.5)]
    assert service_levels(reports) == ServiceLevels(NOW, 3.0, 0.5)


def test_an_instance_that_reported_three_intervals_ago_counts() -> None:
    assert service_levels([NewestReport(NOW - 30 * NS_PER_S, 4.0), NewestReport(NOW, 3.0)]).queue_depth == 7.0


def test_a_level_that_no_instance_reports_is_unknown() -> None:
    assert service_levels([NewestReport(NOW), NewestReport(NOW, lag_s=1.0)]) == ServiceLevels(NOW, None, 1.0)
