"""`/stats` and `/stats/services`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from admin_api.influxdb_client import AdminAPIInfluxDBClient
from admin_api.stats.models import PerformanceAnswer, ServicesAnswer, StatsAnswer, TrendsAnswer
from admin_api.stats_endpoints import StatsEndpoints
from fastapi import FastAPI
from ha_ingestor_core.clock import NS_PER_S, FakeClock
from ha_ingestor_core.errors import StoreUnavailableError
from ha_ingestor_store import answers, time_range


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


# plan: 3.3-shape
async def test_stats_answers_in_the_documented_shape(get: Any, store: Any, event: Any, service: Any) -> None:
    store.events = [event(ago_s=ago) for ago in (1, 2, 61)]
    store.services = [service]
    answer = await get("/api/v1/stats?period=15m&window=5m")
    body = StatsAnswer.model_validate_json(answer.body, strict=True)
    assert answer.status == 200
    assert body.metrics.total_events == 3
    assert sum(point.count or 0 for point in body.trends) == 3
    assert body.metrics.error_rate_percent == 12.5
    assert body.source == "embedded"


async def test_rate_is_over_the_part_of_the_period_that_is_covered(
    get: Any, store: Any, event: Any, clock: FakeClock
) -> None:
    store.events = [event(ago_s=ago) for ago in range(1, 121)]
    store.coverage = answers.Coverage(start_ns=clock.now_ns() - 120 * NS_PER_S, complete=False)
    body = (await get("/api/v1/stats?period=1h")).json
    assert body["metrics"]["events_per_minute"] == 60.0
    assert body["coverage"] == {"start": "2027-01-15T07:58:00.000000+00:00", "end": body["end"], "complete": False}


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
async def test_an_invalid_period_is_a_422_that_names_it(get: Any, path: str, period: str) -> None:
    answer = await get(f"{path}?period={quote(period, safe='%')}")
    assert answer.status == 422
    assert answer.json["error"]["detail"]["field"] == "period"
    assert "<number><m|h|d|w|y>" in answer.json["error"]["detail"]["expected"]


async def test_window_that_makes_too_many_windows_is_a_422(get: Any) -> None:
    answer = await get("/api/v1/stats?period=1y&window=1m")
    assert answer.status == 422
    assert answer.json["error"]["detail"]["field"] == "window"


async def test_an_unknown_parameter_is_a_422(get: Any) -> None:
    answer = await get("/api/v1/stats?perod=1h")
    assert answer.status == 422
    assert answer.json["error"]["detail"] == {
        "field": "perod",
        "expected": "one of period, start, end, window, service",
    }


async def test_the_services_answer_during_an_outage_of_the_store(get: Any, store: Any, enrichment: Any) -> None:
    enrichment.report(20, events_received=5, events_processed=4, events_rejected=1, write_attempts=4, write_errors=1)
    enrichment.unreported = {"events_processed": 3}
    store.error = StoreUnavailableError("the store is busy")
    answer = await get("/api/v1/stats?period=15m&window=5m")
    body = StatsAnswer.model_validate_json(answer.body, strict=True)
    assert (answer.status, body.source, answer.headers["stats-source"]) == (200, "services-fallback", body.source)
    assert body.warning is not None
    assert body.warning.endswith("the store is busy")
    assert (body.metrics.total_events, body.metrics.total_writes, body.metrics.error_rate_percent) == (7, 4, 25.0)
    assert sum(point.count or 0 for point in body.trends) == 7
    assert body.metrics.services["enrichment-pipeline"].events_rejected == 1
    assert body.coverage.complete


async def test_store_that_is_back_answers_again(get: Any, store: Any, clock: FakeClock) -> None:
    store.error = StoreUnavailableError("the store is busy")
    assert (await get("/api/v1/stats")).json["source"] == "services-fallback"
    store.error = None
    sources = []
    for _ in range(500):
        sources.append((await get("/api/v1/stats")).json["source"])
        await asyncio.sleep(0.01)
        if sources[-1] == "embedded":
            break
    assert sources[-1] == "embedded"


async def test_what_the_services_do_not_remember_is_null(
    get: Any, store: Any, enrichment: Any, clock: FakeClock
) -> None:
    enrichment.since_ns = clock.now_ns() - 600 * NS_PER_S
    enrichment.report(590, events_processed=4)
    store.error = StoreUnavailableError("away")
    body = StatsAnswer.model_validate_json((await get("/api/v1/stats?period=1h&window=5m")).body)
    assert [point.count for point in body.trends] == [None] * 10 + [4, 0]
    assert body.metrics.events_per_minute == 0.4
    assert not body.coverage.complete
    assert body.coverage.start is not None
    assert body.coverage.start.isoformat() == "2027-01-15T07:50:00+00:00"


async def test_service_that_does_not_answer_is_named_and_nothing_of_it_is_0(
    get: Any, store: Any, enrichment: Any
) -> None:
    store.error = StoreUnavailableError("away")
    enrichment.answer = StoreUnavailableError("connection refused")
    answer = await get("/api/v1/stats")
    body = StatsAnswer.model_validate_json(answer.body)
    assert answer.status == 200
    assert body.metrics.services["enrichment-pipeline"].error == "connection refused"
    assert body.metrics.services["enrichment-pipeline"].events_received is None
    assert (body.metrics.total_events, body.metrics.total_writes, body.metrics.error_rate_percent) == (None,) * 3
    assert {point.count for point in body.trends} == {None}


async def test_one_service_can_be_asked_for(get: Any, store: Any, service: Any) -> None:
    store.services = [service]
    assert list((await get("/api/v1/stats?service=admin-api")).json["metrics"]["services"]) == ["admin-api"]
    found = (await get("/api/v1/stats?service=websocket-ingestion")).json["metrics"]
    assert (list(found["services"]), found["total_writes"]) == (["websocket-ingestion"], 8)


async def test_performance_adds_up_and_has_recommendations(get: Any, store: Any, service: Any) -> None:
    store.services = [service]
    body = PerformanceAnswer.model_validate_json((await get("/api/v1/stats/performance?period=1h")).body)
    assert (body.overall.total_requests, body.overall.total_errors, body.overall.throughput) == (30, 1, 0.5)
    assert body.overall.average_response_time == 3.5
    assert body.overall.success_rate == pytest.approx(96.67, abs=0.01)
    assert [(r.type, r.level) for r in body.recommendations] == [("write_errors", "critical")]


async def test_performance_of_all_is_null_where_one_is_unknown(get: Any, store: Any, ingestion: Any) -> None:
    store.error = StoreUnavailableError("away")
    ingestion.answer = StoreUnavailableError("gone")
    body = PerformanceAnswer.model_validate_json((await get("/api/v1/stats/performance")).body)
    assert body.overall.total_requests is None
    assert body.recommendations[0].type == "unreachable"


async def test_metrics_are_a_list_with_units(get: Any, store: Any) -> None:
    store.latest = [
        answers.LatestMetric("a", "i", "lag_s", 1.5, 1_799_999_999 * NS_PER_S),
        answers.LatestMetric("a", "i", "write_errors", 2, 1_799_999_999 * NS_PER_S),
        answers.LatestMetric("b", "i", "lag_s", 0.5, 1_799_999_999 * NS_PER_S),
    ]
    answer = await get("/api/v1/stats/metrics?metric_name=lag_s&limit=1")
    assert answer.json == [
        {
            "name": "lag_s",
            "value": 1.5,
            "unit": "s",
            "timestamp": "2027-01-15T07:59:59.000000+00:00",
            "tags": {"service": "a", "instance": "i"},
        }
    ]
    assert [m["unit"] for m in (await get("/api/v1/stats/metrics?service=a")).json] == ["s", "writes"]


async def test_trends_of_the_home_are_its_events(get: Any, store: Any, event: Any) -> None:
    store.events = [event(ago_s=ago) for ago in (1, 2, 61)]
    body = TrendsAnswer.model_validate_json((await get("/api/v1/stats/trends?period=15m&window=5m")).body)
    assert (body.metric, body.unit, body.window) == ("total_events", "events", "5m")
    assert sum(point.value or 0 for point in body.trends) == 3


async def test_trends_of_a_counter_without_a_service_are_the_sum(get: Any, store: Any, service: Any) -> None:
    store.services = [service, msgspec.structs.replace(service, service="admin-api")]
    store.series = {
        "websocket-ingestion": [answers.ServiceTrendPoint(0, 1.0), answers.ServiceTrendPoint(60, 2.0)],
        "admin-api": [answers.ServiceTrendPoint(60, 5.0)],
    }
    body = (await get("/api/v1/stats/trends?metric=events_received")).json
    assert [point["value"] for point in body["trends"]] == [1.0, 7.0]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("metric=temperature", "metric"),
        ("metric=queue_depth", "service"),
        ("metric=total_events&service=admin-api", "service"),
        ("period=1y&window=1m", "window"),
    ],
)
async def test_an_unknown_trend_is_a_422_that_names_it(get: Any, query: str, field: str) -> None:
    answer = await get(f"/api/v1/stats/trends?{query}")
    assert (answer.status, answer.json["error"]["detail"]["field"]) == (422, field)


# plan: risk-performance, success-load
async def test_an_answer_is_asked_for_once_while_it_is_fresh(get: Any, store: Any) -> None:
    first = await get("/api/v1/stats")
    asked = len(store.asked)
    second = await get("/api/v1/stats")
    assert (second.body, second.headers["etag"], len(store.asked)) == (first.body, first.headers["etag"], asked)


async def test_a_matching_etag_gets_304(get: Any) -> None:
    tag = (await get("/api/v1/stats")).headers["etag"]
    for if_none_match in (tag, f'"other", W/{tag}', "*"):
        answer = await get("/api/v1/stats", if_none_match=if_none_match)
        assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", tag)
    assert (await get("/api/v1/stats", if_none_match='"other"')).status == 200


async def test_kept_answers_are_counted_by_route_like_all_others(get: Any, store: Any) -> None:
    for _ in range(3):
        await get("/api/v1/stats?period=15m")
    text = (await get("/metrics")).body.decode()
    assert 'ha_ingestor_admin_api_requests_total{endpoint="/api/v1/stats",status="200"} 3.0' in text
    assert 'ha_ingestor_admin_api_cache_requests_total{result="hit"} 2.0' in text
    assert 'admin_api_influxdb_queries_total{endpoint="stats",status="success"} 3.0' in text
    assert "admin_api_influxdb_connected" not in text, "the embedded store has no connection"


async def test_fallbacks_are_counted(get: Any, store: Any) -> None:
    text = (await get("/metrics")).body.decode()
    assert 'ha_ingestor_admin_api_fallback_answers_total{endpoint="stats"} 0.0' in text
    store.error = StoreUnavailableError("away")
    await get("/api/v1/stats")
    text = (await get("/metrics")).body.decode()
    assert 'ha_ingestor_admin_api_fallback_answers_total{endpoint="stats"} 1.0' in text
    assert 'admin_api_influxdb_queries_total{endpoint="stats",status="error"} 1.0' in text


async def test_alone_it_starts_without_a_store_and_names_the_services(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, call: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INFLUXDB_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("WEBSOCKET_INGESTION_URL", "http://127.0.0.1:2")
    endpoints = StatsEndpoints()
    assert await endpoints.initialize_influxdb() is False
    assert endpoints.use_influxdb
    assert isinstance(endpoints.influxdb_client, AdminAPIInfluxDBClient)
    assert endpoints.service_urls["websocket-ingestion"] == "http://127.0.0.1:2"
    app = FastAPI()
    app.include_router(endpoints.router)
    answer = await call(app)("/api/v1/stats")
    assert (answer.status, answer.json["source"]) == (200, "services-fallback")
    await endpoints.close_influxdb()


# plan: 7.1-flag, rollback-flag
async def test_alone_it_follows_the_flag(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("USE_INFLUXDB_STATS", "false")
    endpoints = StatsEndpoints()
    assert endpoints.use_influxdb is False
    endpoints.use_influxdb = True
    assert endpoints.use_influxdb is True


ENDS = 1_800_000_000
"""The fixed time of the tests: 2027-01-15T08:00:00Z."""


@pytest.mark.parametrize("path", ["", "/services", "/performance", "/trends", "/alerts"])
async def test_a_range_of_its_own_is_asked_for_by_start_and_end(get: Any, store: Any, path: str) -> None:
    times = "start=2027-01-15T06:00:00Z&end=2027-01-15T07:00:00Z"
    body = (await get(f"/api/v1/stats{path}?{times}")).json
    assert (body["period"], body["start"], body["end"]) == (
        None,
        "2027-01-15T06:00:00.000000+00:00",
        "2027-01-15T07:00:00.000000+00:00",
    )
    ranges = [each for asked in store.asked for each in (asked if isinstance(asked, tuple) else (asked,))]
    assert time_range.TimeRange((ENDS - 7200) * NS_PER_S, (ENDS - 3600) * NS_PER_S) in ranges


async def test_the_period_before_holds_what_was_then(get: Any, store: Any, event: Any) -> None:
    store.events = [event(ago_s=60), event(ago_s=5400), event(ago_s=5500)]
    now, before = "period=1h", "start=2027-01-15T06:00:00Z&end=2027-01-15T07:00:00Z"
    totals = [(await get(f"/api/v1/stats?{asked}")).json["metrics"]["total_events"] for asked in (now, before)]
    assert totals == [1, 2]


async def test_a_range_before_now_moves_on_with_the_time(get: Any, clock: Any) -> None:
    asked = "/api/v1/stats?start=2h&end=1h"
    first = (await get(asked)).json
    assert (first["start"], first["end"]) == ("2027-01-15T06:00:00.000000+00:00", "2027-01-15T07:00:00.000000+00:00")
    clock.advance(1800)
    later = (await get(asked)).json
    assert (later["start"], later["end"]) == ("2027-01-15T06:30:00.000000+00:00", "2027-01-15T07:30:00.000000+00:00")


async def test_a_range_without_an_end_ends_now(get: Any) -> None:
    body = (await get("/api/v1/stats?start=2027-01-15T06:00:00Z")).json
    assert body["end"] == body["timestamp"] == "2027-01-15T08:00:00.000000+00:00"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("period=1h&start=2027-01-15T06:00:00Z", "period"),
        ("end=2027-01-15T06:00:00Z", "start"),
        ("start=2027-01-15T07:00:00Z&end=2027-01-15T06:00:00Z", "start"),
        ("start=2027-01-15T08:00:01Z", "start"),
        ("start=yesterday", "start"),
    ],
)
@pytest.mark.parametrize("path", ["stats", "stats/services", "stats/performance", "stats/trends", "stats/alerts"])
async def test_a_wrong_range_is_a_422_that_names_it(get: Any, path: str, query: str, field: str) -> None:
    answer = await get(f"/api/v1/{path}?{query}")
    assert (answer.status, answer.json["error"]["detail"]["field"]) == (422, field)


@pytest.mark.parametrize("path", ["stats?", "stats/trends?", "stats/metrics?"])
async def test_a_service_that_only_the_store_may_know_is_no_404_while_it_is_away(
    get: Any, store: Any, path: str
) -> None:
    store.error = StoreUnavailableError("away")
    answer = await get(f"/api/v1/{path}service=my-exporter")
    assert (answer.status, answer.headers["stats-source"]) == (200, "services-fallback")


@pytest.mark.parametrize("path", ["stats?", "stats/trends?", "stats/metrics?"])
async def test_an_unknown_service_is_a_404_that_names_the_nearest(get: Any, path: str) -> None:
    answer = await get(f"/api/v1/{path}service=enrichment-pipelin")
    assert (answer.status, answer.json["error"]["key"]) == (404, "not_found")
    assert answer.json["error"]["detail"]["nearest"] == ["enrichment-pipeline"]


async def test_a_service_that_reported_once_is_known(get: Any, store: Any) -> None:
    store.latest = [answers.LatestMetric("of-somebody-else", "", "lag_s", 1.0, 5)]
    assert (await get("/api/v1/stats?service=of-somebody-else")).status == 200


async def test_a_known_service_that_has_not_reported_has_nulls(get: Any, store: Any) -> None:
    answer = await get("/api/v1/stats?service=websocket-ingestion")
    assert answer.status == 200
    service = answer.json["metrics"]["services"]["websocket-ingestion"]
    assert (service["events_received"], service["success_rate"], service["last_seen"]) == (None, None, None)
    assert answer.json["metrics"]["total_writes"] is None


async def test_an_unreported_metric_is_a_404(get: Any) -> None:
    answer = await get("/api/v1/stats/metrics?metric_name=queue_dept")
    assert (answer.status, answer.json["error"]["detail"]["nearest"]) == (404, ["queue_depth"])
