"""An unknown number is null in every answer, never 0."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from admin_api.flow.health_models import HealthAnswer
from admin_api.stats.models import PerformanceAnswer, StatsAnswer, TrendsAnswer
from ha_ingestor_core.errors import ServiceUnavailableError, StoreUnavailableError
from ha_ingestor_store.answers import Coverage
from ha_ingestor_store.time_range import MINUTE_NS

NOTHING_CAPTURED = "Nothing has been captured yet"
WRITES = ["metrics.total_writes", "metrics.write_errors", "metrics.error_rate_percent"]
OVERALL = ["total_requests", "total_errors", "average_response_time", "success_rate", "throughput"]
PERFORMANCE = [f"overall.{name}" for name in OVERALL]
PLANS_OWN = "ingestion_service.event_processing.events_per_minute"
"""The field of the plan, which is 0 if unknown; `reason` has the explanation."""


def numbers(value: Any, path: str = "") -> Iterator[tuple[str, float | None]]:
    """Return every number or null of an answer, by its path."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from numbers(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for member in value:
            yield from numbers(member, f"{path}[]")
    elif value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        yield path, value


@pytest.fixture
def no_store(store: Any) -> None:
    store.error = StoreUnavailableError("away")


@pytest.fixture
def no_pipeline(enrichment: Any) -> None:
    enrichment.answer = ServiceUnavailableError("refused")


@pytest.fixture
def no_capture(ingestion: Any) -> None:
    ingestion.answer = ServiceUnavailableError("refused")


@pytest.mark.parametrize(
    ("path", "unknown"),
    [
        ("stats", ["metrics.events_per_minute", *WRITES, "trends[].count"]),
        ("stats/performance", PERFORMANCE),
        ("stats/trends", ["trends[].value"]),
        ("health", ["events_per_minute"]),
    ],
)
async def test_at_the_first_start(get: Any, path: str, unknown: list[str]) -> None:
    found = list(numbers((await get(f"/api/v1/{path}")).json))
    for name in unknown:
        values = {value for each, value in found if each == name}
        assert values == {None}, name


@pytest.mark.usefixtures("no_store", "no_pipeline", "no_capture")
@pytest.mark.parametrize(
    "path", ["stats", "stats/services", "stats/performance", "stats/trends", "stats/alerts", "health", "topology"]
)
async def test_without_any_answer(get: Any, path: str) -> None:
    found = dict(numbers((await get(f"/api/v1/{path}")).json))
    assert [name for name, value in found.items() if value == 0 and name != PLANS_OWN] == []


@pytest.mark.usefixtures("no_store", "no_pipeline")
async def test_while_the_pipeline_and_the_store_are_away(get: Any, ingestion: Any) -> None:
    ingestion.report(60, events_received=100)
    found = dict(numbers((await get("/api/v1/stats")).json))
    for name in ("metrics.total_events", "metrics.events_per_minute", *WRITES, "trends[].count"):
        assert found[name] is None, name
    assert found["metrics.services.websocket-ingestion.events_received"] == 100


async def test_before_the_pipeline_has_reported(get: Any, store: Any, ingestion: Any) -> None:
    store.error = StoreUnavailableError("away")
    ingestion.report(60, events_received=100)
    found = dict(numbers((await get("/api/v1/stats")).json))
    for name in WRITES:
        assert found[name] is None, name


async def test_windows_before_the_capture_began(get: Any, store: Any, event: Any, clock: Any) -> None:
    store.events = [event(ago_s=30)]
    store.coverage = Coverage(clock.now_ns() - 6 * MINUTE_NS, complete=False)
    trend = (await get("/api/v1/stats?period=15m&window=5m")).json["trends"]
    assert [window["count"] for window in trend] == [None, 0, 1]


# plan: 4.1
@pytest.mark.parametrize(("error", "reason"), [(StoreUnavailableError("away"), "away"), (None, NOTHING_CAPTURED)])
async def test_health_keeps_the_plans_0_with_its_reason(get: Any, store: Any, error: Any, reason: str) -> None:
    store.error = error
    health = HealthAnswer.model_validate_json((await get("/api/v1/health")).body)
    processing = health.ingestion_service.event_processing
    assert (processing.events_per_minute, processing.reason, health.events_per_minute) == (0, reason, None)


async def test_a_rate_that_is_known_has_no_reason(get: Any, store: Any, event: Any) -> None:
    store.events = [event(ago_s=ago) for ago in range(1, 11)]
    health = (await get("/api/v1/health")).json
    processing = health["ingestion_service"]["event_processing"]
    assert (processing["events_per_minute"], processing["reason"], health["events_per_minute"]) == (2.0, None, 2.0)


async def test_the_documented_shapes_hold(get: Any) -> None:
    StatsAnswer.model_validate((await get("/api/v1/stats")).json)
    PerformanceAnswer.model_validate((await get("/api/v1/stats/performance")).json)
    TrendsAnswer.model_validate((await get("/api/v1/stats/trends")).json)
