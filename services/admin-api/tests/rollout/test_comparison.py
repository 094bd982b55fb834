"""The comparison of store and services beyond the tolerance."""

from __future__ import annotations

from typing import Any

import pytest
from admin_api.rollout.comparison import DIFFERENCES_KEPT, Comparison
from admin_api.store.metrics import StoreMetrics
from ha_ingestor_store.store import Source
from prometheus_client import CollectorRegistry


@pytest.fixture
def comparison(registry: CollectorRegistry) -> Comparison:
    return Comparison(5.0, StoreMetrics(registry, Source.INFLUXDB))


def stats(total: int | None = 1000, received: int | None = 1000, queue: float = 0.0) -> dict[str, Any]:
    service = {"service": "s", "events_received": received, "events_per_minute": 6.0, "queue_depth": queue}
    return {"metrics": {"total_events": total, "events_per_minute": 6.0, "services": {"s": service}}, "source": "x"}


def test_equal_answers_have_no_difference(comparison: Comparison) -> None:
    assert comparison.add(0, "q", stats(), stats()) == []
    assert (comparison.view()["answers_compared"], comparison.view()["answers_differing"]) == (1, 0)
    assert comparison.view()["fields"]["services.events_received"].compared == 1


def test_a_difference_within_the_tolerance_is_none(comparison: Comparison) -> None:
    assert comparison.add(0, "q", stats(total=1000), stats(total=951)) == []


def test_a_difference_beyond_it_is_counted_by_field_and_listed_by_service(
    comparison: Comparison, registry: CollectorRegistry
) -> None:
    (found,) = comparison.add(0, "q", stats(received=1000), stats(received=900))
    assert (found.field, found.place, found.percent) == ("services.events_received", "services.s.events_received", 10)
    view = comparison.view()
    assert view["fields"]["services.events_received"].differing == 1
    assert view["differences"][0] == {
        "time": "1970-01-01T00:00:00.000000+00:00",
        "question": "q",
        "field": "services.s.events_received",
        "store": 1000.0,
        "services": 900.0,
        "difference_percent": 10.0,
    }
    name = "ha_ingestor_admin_api_comparison_differences_total"
    assert registry.get_sample_value(name, {"field": "services.events_received"}) == 1


def test_what_comes_within_one_reporting_interval_is_no_difference(comparison: Comparison) -> None:
    assert comparison.add(0, "q", stats(received=3), stats(received=5)) == []
    assert comparison.add(0, "q", stats(received=3), stats(received=6))


def test_what_one_of_them_does_not_know_is_not_compared(comparison: Comparison) -> None:
    assert comparison.add(0, "q", stats(total=1000), stats(total=None)) == []
    assert comparison.add(0, "q", stats(), {"metrics": {"services": {}}}) == []


def test_levels_of_a_moment_are_not_compared(comparison: Comparison) -> None:
    assert comparison.add(0, "q", stats(queue=0), stats(queue=5000)) == []


def test_the_newest_differences_are_kept(comparison: Comparison) -> None:
    for n in range(DIFFERENCES_KEPT + 5):
        comparison.add(n, "q", stats(total=1000), stats(total=1))
    assert len(comparison.view()["differences"]) == DIFFERENCES_KEPT
    assert comparison.view()["fields"]["total_events"].differing == DIFFERENCES_KEPT + 5


TEN, ELEVEN = "2026-11-24T10:00:00.000000+00:00", "2026-11-24T11:00:00.000000+00:00"
SOON_AFTER_TEN = "2026-11-24T10:00:20.000000+00:00"


def covering(start: str | None, complete: bool, total: int = 1000) -> dict[str, Any]:
    return {**stats(total=total), "coverage": {"start": start, "complete": complete}}


@pytest.mark.parametrize(
    ("ours", "theirs", "is_compared"),
    [
        ((TEN, True), (TEN, True), True),
        ((TEN, True), (ELEVEN, False), False),  # the services were started within the period
        ((TEN, False), (ELEVEN, False), False),
        ((TEN, False), (SOON_AFTER_TEN, False), True),  # the first event, and the first report
        ((TEN, False), (None, False), False),
        ((None, False), (None, False), True),
    ],
)
def test_answers_about_different_times_are_not_compared(
    comparison: Comparison, ours: tuple[str | None, bool], theirs: tuple[str | None, bool], is_compared: bool
) -> None:
    found = comparison.add(0, "q", covering(*ours), covering(*theirs, total=10))
    view = comparison.view()
    assert (bool(found), view["answers_compared"], view["answers_not_covered"]) == (
        is_compared,
        is_compared,
        not is_compared,
    )


def test_the_form_of_an_answer_is_no_figure(comparison: Comparison) -> None:
    assert comparison.add(0, "q", {"slot_s": 900}, {"slot_s": 60}) == []
    assert comparison.view()["fields"] == {}
