"""Statistics from the memory of the services."""

from __future__ import annotations

from typing import Any

import pytest
from admin_api.stats.sources.from_services import ServicesStatistics
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.errors import ServiceUnavailableError
from ha_ingestor_store.time_range import HOUR_NS, MINUTE_NS, TimeRange


@pytest.fixture
def services(ingestion: Any, enrichment: Any, clock: Any) -> ServicesStatistics:
    asked = {"websocket-ingestion": ingestion, "enrichment-pipeline": enrichment}
    return ServicesStatistics(asked, clock=clock, timeout_s=0.05)


@pytest.fixture
def hour(clock: Any) -> TimeRange:
    return TimeRange(clock.now_ns() - HOUR_NS, clock.now_ns())


async def test_the_writing_service_has_the_number_of_events(
    services: ServicesStatistics, ingestion: Any, enrichment: Any, hour: TimeRange
) -> None:
    ingestion.report(30, events_received=9, events_processed=9)
    enrichment.report(30, events_processed=6)
    facts = await services.facts(hour)
    assert (facts.total_events, facts.events_per_minute, facts.unknown) == (6, 0.1, {})
    assert [service.service for service in facts.services] == ["enrichment-pipeline", "websocket-ingestion"]


@pytest.mark.parametrize("error", [ServiceUnavailableError("refused"), RuntimeError("oops"), None])
async def test_a_service_without_an_answer_is_unknown_and_the_others_are_used(
    services: ServicesStatistics, ingestion: Any, enrichment: Any, hour: TimeRange, error: Exception | None
) -> None:
    ingestion.report(30, events_received=9)
    if error:
        enrichment.answer = error
    enrichment.hangs = error is None
    facts = await services.facts(hour, window_ns=30 * MINUTE_NS)
    assert facts.unknown.keys() == {"enrichment-pipeline"}
    assert (facts.total_events, facts.events_per_minute) == (None, None)
    assert {point.count for point in facts.trend} == {None}
    assert [service.service for service in facts.services] == ["websocket-ingestion"]


async def test_another_service_that_is_away_does_not_matter_to_one(
    services: ServicesStatistics, ingestion: Any, hour: TimeRange
) -> None:
    ingestion.answer = ServiceUnavailableError("refused")
    assert (await services.facts(hour, "enrichment-pipeline")).unknown == {}


async def test_latest_and_series_are_of_the_service_that_is_asked_for(
    services: ServicesStatistics, ingestion: Any, enrichment: Any, hour: TimeRange
) -> None:
    ingestion.report(30, {"lag_s": 2.0}, events_received=9)
    enrichment.report(30, {"lag_s": 4.0}, events_received=6)
    (point,) = await services.series("lag_s", "enrichment-pipeline", hour, HOUR_NS)
    assert point.value == 4.0
    (total,) = await services.series("events_received", None, hour, HOUR_NS)
    assert total.value == 15.0
    found = {m.name: m.value for m in await services.latest("websocket-ingestion", 100)}
    assert (found["events_received"], found["lag_s"]) == (9, 2.0)
    assert hour.end_ns - 30 * NS_PER_S in {m.time_ns for m in await services.latest(None, 100)}
