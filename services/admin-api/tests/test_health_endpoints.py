"""`/health`, and which parts may be unavailable."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from admin_api import health_endpoints
from admin_api.flow.health_models import AdminApiFigures, DependenciesAnswer, HealthAnswer, ServicesHealthAnswer
from admin_api.rollout.settings import StatsSettings
from admin_api.store import gate as store_gate
from ha_ingestor_core.errors import ServiceUnavailableError, StoreUnavailableError


# plan: 4.1, 4-criteria
async def test_health_has_the_status_of_each_part(get: Any, store: Any, event: Any) -> None:
    store.events = [event(ago_s=ago) for ago in range(1, 11)]
    answer = await get("/api/v1/health")
    body = HealthAnswer.model_validate_json(answer.body)
    assert (body.overall_status, body.home) == ("healthy", "home")
    assert body.ingestion_service.event_processing.events_per_minute == 2.0
    assert body.ingestion_service.event_processing.total_events_received == 42
    assert body.ingestion_service.websocket_connection.connection_attempts == 1


async def test_received_stored_and_queued_events_are_separate(
    get: Any, store: Any, ingestion: Any, enrichment: Any
) -> None:
    store.error = StoreUnavailableError("away")
    ingestion.answer["queue_depth"] = 885
    enrichment.answer["storage"] |= {"is_connected": False, "written_per_minute": 48.0}  # of the previous minutes
    body = HealthAnswer.model_validate_json((await get("/api/v1/health")).body)
    assert (body.received_per_minute, body.stored_per_minute, body.waiting_events) == (60.0, 0.0, 885)


async def test_a_rate_without_an_answer_is_unknown(get: Any, ingestion: Any, enrichment: Any) -> None:
    ingestion.answer, enrichment.answer = ServiceUnavailableError("away"), ServiceUnavailableError("away")
    body = HealthAnswer.model_validate_json((await get("/api/v1/health")).body)
    assert (body.received_per_minute, body.stored_per_minute, body.waiting_events) == (None, None, None)


# plan: 4.1
async def test_an_unavailable_store_is_reported_with_its_reason(get: Any, store: Any) -> None:
    store.error = StoreUnavailableError("disk on fire")
    body = HealthAnswer.model_validate_json((await get("/api/v1/health")).body)
    assert body.overall_status == "unhealthy"
    assert body.ingestion_service.influxdb_storage.is_connected is False
    assert body.ingestion_service.influxdb_storage.last_error == "disk on fire"
    assert body.ingestion_service.influxdb_storage.error_key == "store_unavailable"
    assert body.ingestion_service.event_processing.events_per_minute == 0


async def test_an_unavailable_service_is_unreachable(get: Any, ingestion: Any) -> None:
    ingestion.answer = ServiceUnavailableError("connection refused")
    answer = await get("/api/v1/health")
    body = HealthAnswer.model_validate_json(answer.body)
    assert (answer.status, body.overall_status, body.home) == (200, "unhealthy", None)
    assert body.ingestion_service.status == "unreachable"
    assert body.ingestion_service.event_processing.total_events_received is None
    assert body.ingestion_service.websocket_connection.last_error == (
        "websocket-ingestion is unreachable: connection refused"
    )


@pytest.mark.parametrize("answer", [RuntimeError("oops"), {"counters": "none"}, {"websocket_connection": {"state": 1}}])
async def test_service_that_answers_nonsense_is_no_500(get: Any, ingestion: Any, answer: Any) -> None:
    ingestion.answer = answer
    body = HealthAnswer.model_validate_json((await get("/api/v1/health")).body)
    assert body.ingestion_service.status == "unreachable"


async def test_store_that_hangs_delays_nobody_for_long(get: Any, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_endpoints, "TIMEOUT_S", 0.01)
    store.hangs = True
    body = (await get("/api/v1/health")).json
    assert body["ingestion_service"]["influxdb_storage"]["last_error"] == "The store did not answer within 0.01 s"
    assert (await get("/api/v1/health/ready")).json["source"] == "services-fallback"


class TestImpatient:
    @pytest.fixture
    def stats_settings(self) -> StatsSettings:
        return StatsSettings.model_construct(timeout_s=0.05)

    @pytest.mark.parametrize("path", ["", "/ready", "/dependencies"])
    async def test_a_hanging_store_is_detected_by_health_requests_alone(
        self, get: Any, store: Any, statistics: Any, monkeypatch: pytest.MonkeyPatch, path: str
    ) -> None:
        monkeypatch.setattr(store_gate, "PROBE_TIMEOUT_S", 0.05)
        store.hangs = True
        await get(f"/api/v1/health{path}")
        await asyncio.sleep(0.1)
        assert not statistics.gate.is_connected


async def test_wrong_token_is_unhealthy_and_a_retry_is_degraded(get: Any, ingestion: Any) -> None:
    connection = ingestion.answer["websocket_connection"]
    connection.update(is_connected=False, state="connecting")
    assert (await get("/api/v1/health")).json["overall_status"] == "degraded"
    connection.update(state="auth_invalid", last_error="Invalid access token")
    body = (await get("/api/v1/health")).json
    assert body["overall_status"] == "unhealthy"
    assert body["ingestion_service"]["websocket_connection"]["state"] == "auth_invalid"


async def test_a_paused_capture_is_degraded_with_its_reason(get: Any, ingestion: Any) -> None:
    ingestion.answer["spool"] = {"pause_reason": "spool_full"}
    body = (await get("/api/v1/health")).json
    assert body["overall_status"] == body["ingestion_service"]["status"] == "degraded"
    assert body["ingestion_service"]["event_processing"]["last_error"] == "capture is paused: spool_full"


async def test_live_queries_no_service(get: Any, store: Any) -> None:
    assert (await get("/api/v1/health/live")).json == {"status": "alive"}
    assert store.asked == []


async def test_ready_while_the_store_or_a_service_answers(
    get: Any, store: Any, ingestion: Any, enrichment: Any
) -> None:
    assert (await get("/api/v1/health/ready")).json == {"status": "ready", "source": "embedded"}
    store.error = StoreUnavailableError("busy")
    answer = await get("/api/v1/health/ready")
    assert (answer.status, answer.json) == (200, {"status": "ready", "source": "services-fallback"})
    ingestion.answer = ServiceUnavailableError("refused")
    assert (await get("/api/v1/health/ready")).status == 200
    enrichment.answer = ServiceUnavailableError("refused")
    assert (await get("/api/v1/health/ready")).status == 503


async def test_dependencies_are_listed_separately(get: Any, store: Any, ingestion: Any) -> None:
    body = DependenciesAnswer.model_validate_json((await get("/api/v1/health/dependencies")).body)
    assert [(d.name, d.status) for d in body.dependencies] == [
        ("home-assistant", "healthy"),
        ("websocket-ingestion", "healthy"),
        ("enrichment-pipeline", "healthy"),
        ("embedded", "healthy"),
    ]
    store.error = StoreUnavailableError("busy")
    ingestion.answer = ServiceUnavailableError("refused")
    body = DependenciesAnswer.model_validate_json((await get("/api/v1/health/dependencies")).body)
    told = {d.name: (d.status, d.last_error, d.response_time_ms) for d in body.dependencies}
    assert told["embedded"] == ("unreachable", "busy", None)
    assert told["websocket-ingestion"] == ("unreachable", "refused", None)
    assert told["home-assistant"] == ("unreachable", "unknown, websocket-ingestion is unreachable: refused", None)


async def test_services_are_listed_as_they_report_themselves(get: Any, ingestion: Any, enrichment: Any) -> None:
    ingestion.answer |= {"started": "2027-01-15T11:00:00.000000+00:00", "uptime_s": 3600.0}  # before the clock was set
    enrichment.answer = ServiceUnavailableError("refused")
    body = ServicesHealthAnswer.model_validate_json((await get("/api/v1/health/services")).body)
    assert (body.services["websocket-ingestion"].uptime_s, body.services["websocket-ingestion"].queue_depth) == (
        3600,
        0,
    )
    assert (body.services["enrichment-pipeline"].status, body.services["enrichment-pipeline"].last_error) == (
        "unreachable",
        "refused",
    )
    assert body.services["admin-api"].status == "healthy"


async def test_own_figures_are_what_was_asked(get: Any, store: Any) -> None:
    for _ in range(4):
        await get("/api/v1/stats")
    store.error = StoreUnavailableError("busy")
    await get("/api/v1/events")
    body = AdminApiFigures.model_validate_json((await get("/api/v1/health/metrics")).body)
    assert (body.requests, body.failed_requests, body.cache_hit_rate_percent) == (6, 1, 75.0)
    assert (body.store_queries, body.store_errors, body.store_connected) == (4, 1, False)
    assert (body.statistics_source, body.store_last_error) == ("services-fallback", "busy")
