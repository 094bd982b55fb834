"""The recommendations for metrics beyond limits."""

from __future__ import annotations

from typing import Any

import pytest
from admin_api.stats.recommendations import Level, recommendations
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_store.answers import ServiceStatistics

NOW_NS = 1_800_000_000 * NS_PER_S


def service(name: str = "s", counters: dict[str, int] | None = None, **numbers: Any) -> ServiceStatistics:
    usual: dict[str, Any] = {
        "processing_time_ms": 3.0,
        "processing_time_ms_p95": 9.0,
        "success_rate": 100.0,
        "queue_depth": 0.0,
        "lag_s": 0.1,
        "last_seen_ns": NOW_NS - 5 * NS_PER_S,
    }
    return ServiceStatistics(service=name, counters=counters or {}, **{**usual, **numbers})


def test_a_service_within_limits_has_no_recommendation() -> None:
    assert recommendations([service()], {}, NOW_NS) == []


def test_an_unknown_metric_has_no_recommendation() -> None:
    unknown: dict[str, Any] = dict.fromkeys(("processing_time_ms_p95", "success_rate", "queue_depth", "lag_s"))
    assert recommendations([service(**unknown)], {}, NOW_NS) == []


@pytest.mark.parametrize(
    ("numbers", "type_", "level"),
    [
        ({"success_rate": 98.0}, "success_rate", Level.WARNING),
        ({"success_rate": 94.9}, "success_rate", Level.CRITICAL),
        ({"counters": {"write_attempts": 100, "write_errors": 2}}, "write_errors", Level.WARNING),
        ({"counters": {"write_attempts": 100, "write_errors": 6}}, "write_errors", Level.CRITICAL),
        ({"processing_time_ms_p95": 1_001.0}, "latency", Level.WARNING),
        ({"processing_time_ms_p95": 5_001.0}, "latency", Level.CRITICAL),
        ({"lag_s": 11.0}, "lag", Level.WARNING),
        ({"lag_s": 61.0}, "lag", Level.CRITICAL),
        ({"queue_depth": 10_001.0}, "queue", Level.WARNING),
        ({"queue_depth": 100_001.0}, "queue", Level.CRITICAL),
        ({"last_seen_ns": NOW_NS - 61 * NS_PER_S}, "silent", Level.WARNING),
    ],
)
def test_a_number_beyond_its_limit_is_named_once(numbers: dict[str, Any], type_: str, level: Level) -> None:
    (found,) = recommendations([service(**numbers)], {}, NOW_NS)
    assert (found.service, found.type, found.level) == ("s", type_, level)
    assert found.recommendation


def test_the_most_important_comes_first() -> None:
    found = recommendations([service("b", lag_s=11.0), service("a", lag_s=61.0)], {"c": "refused"}, NOW_NS)
    assert [(each.service, each.type) for each in found] == [("a", "lag"), ("c", "unreachable"), ("b", "lag")]
    assert "refused" in found[1].message
