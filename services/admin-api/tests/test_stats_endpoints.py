"""`/stats` and `/stats/services`."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from admin_api.models import ServicesAnswer, StatsAnswer
from ha_ingestor_core.clock import NS_PER_S, FakeClock
from ha_ingestor_core.errors import StoreUnavailableError
from ha_ingestor_store import answers


@pytest.fixture
def service() -> answers.ServiceStatistics:
    return answers.ServiceStatistics(
        service="websocket-ingestion",
        counters={
            "events_received": 30,
            "events_processed": 29,
            "events_rejected": 1,
            "write_attempts": 8,
            "write_errors": 1,
        },
        processing_time_ms=3.5,
        processing_time_ms_p95=None,
        success_rate=None,
        queue_depth=0.0,
        lag_s=None,
        last_seen_ns=1_799_999_999 * NS_PER_S,
    )


async def test_stats_answers_in_the_documented_shape(get: Any, store: Any, event: Any, service: Any) -> None:
    store.events = [event(ago_s=ago) for ago in (1, 2, 61)]
    store.services = [service]
    answer = await get("/api/v1/stats?period=15m&window=5m")
    body = StatsAnswer.model_validate_json(answer.body, strict=True)
    assert answer.status == 200
    assert body.metrics.total_events == 3
    assert sum(point.count for point in body.trends) == 3
    assert body.metrics.error_rate_percent == 12.5
    assert body.source == "embedded"


async def test_rate_is_over_the_part_of_the_period_that_is_covered(
    get: Any, store: Any, event: Any, clock: FakeClock
) -> None:
    store.events = [event(ago_s=ago) for ago in range(1, 121)]
    store.coverage = answers.Coverage(start_ns=clock.now_ns() - 120 * NS_PER_S, complete=False)
    body = (await get("/api/v1/stats?period=1h")).json
    assert body["metrics"]["events_per_minute"] == 60.0
    assert body["coverage"] == {"start": "2027-01-15T07:58:00.000000+00:00", "complete": False}


async def test_rate_is_over_a_minute_at_least(get: Any, store: Any, event: Any, clock: FakeClock) -> None:
    store.events = [event(ago_s=1)]
    store.coverage = answers.Coverage(start_ns=clock.now_ns() - NS_PER_S, complete=False)
    assert (await get("/api/v1/stats")).json["metrics"]["events_per_minute"] == 1.0


async def test_unknown_numbers_of_a_service_are_null_and_uncounted_ones_0(get: Any, store: Any, service: Any) -> None:
    store.services = [service]
    body = (await get("/api/v1/stats/services?period=1h")).json
    one = ServicesAnswer.model_validate(body).services["websocket-ingestion"]
    assert one.processing_time_ms_p95 is None
    assert one.events_duplicate == 0
    assert one.events_per_minute == 0.5


@pytest.mark.parametrize(
    "period", ["1x", "", "h", "-1h", "1.5h", "١h", "100000000000000000000y", "101y", "0m", "1h%00", "%2B1h", "1H"]
)
@pytest.mark.parametrize("path", ["/api/v1/stats", "/api/v1/stats/services", "/api/v1/entities/busiest"])
async def test_period_that_is_none_is_a_422_that_names_it(get: Any, path: str, period: str) -> None:
    answer = await get(f"{path}?period={quote(period, safe='%')}")
    assert answer.status == 422
    assert answer.json["error"]["detail"]["field"] == "period"
    assert "<number><m|h|d|w|y>" in answer.json["error"]["detail"]["expected"]


async def test_window_that_makes_too_many_windows_is_a_422(get: Any) -> None:
    answer = await get("/api/v1/stats?period=1y&window=1m")
    assert answer.status == 422
    assert answer.json["error"]["detail"]["field"] == "window"


async def test_parameter_that_nobody_knows_is_a_422(get: Any) -> None:
    answer = await get("/api/v1/stats?perod=1h")
    assert answer.status == 422
    assert answer.json["error"]["detail"] == {"field": "perod", "expected": "one of the parameters period, window"}


async def test_store_that_is_away_is_a_503_with_retry_after(get: Any, store: Any) -> None:
    store.error = StoreUnavailableError("the store is busy", retry_after_s=7)
    answer = await get("/api/v1/stats")
    assert answer.status == 503
    assert answer.headers["retry-after"] == "7"
    assert answer.json == {"error": {"key": "store_unavailable", "message": "the store is busy", "detail": {}}}
