"""`/health`, and who may be away while it answers."""

from __future__ import annotations

from typing import Any

import pytest
from admin_api import health_endpoints
from admin_api.models import HealthAnswer
from ha_ingestor_core.errors import ServiceUnavailableError, StoreUnavailableError


async def test_health_tells_what_the_parts_say(get: Any, store: Any, event: Any) -> None:
    store.events = [event(ago_s=ago) for ago in range(1, 11)]
    answer = await get("/api/v1/health")
    body = HealthAnswer.model_validate_json(answer.body)
    assert (body.overall_status, body.home) == ("healthy", "home")
    assert body.ingestion_service.event_processing.events_per_minute == 2.0
    assert body.ingestion_service.event_processing.total_events_received == 42
    assert body.ingestion_service.websocket_connection.connection_attempts == 1


async def test_store_that_is_away_is_said_with_its_reason(get: Any, store: Any) -> None:
    store.error = StoreUnavailableError("disk on fire")
    body = HealthAnswer.model_validate_json((await get("/api/v1/health")).body)
    assert body.overall_status == "unhealthy"
    assert body.ingestion_service.influxdb_storage.is_connected is False
    assert body.ingestion_service.influxdb_storage.last_error == "disk on fire"
    assert body.ingestion_service.event_processing.events_per_minute == 0


async def test_service_that_is_away_is_said_to_be_unreachable(get: Any, ingestion: Any) -> None:
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
    assert body["ingestion_service"]["influxdb_storage"]["last_error"] == "the store did not answer within 0.01 s"
    assert (await get("/api/v1/health/ready")).status == 503


async def test_wrong_token_is_unhealthy_and_a_retry_is_degraded(get: Any, ingestion: Any) -> None:
    connection = ingestion.answer["websocket_connection"]
    connection.update(is_connected=False, state="connecting")
    assert (await get("/api/v1/health")).json["overall_status"] == "degraded"
    connection.update(state="auth_invalid", last_error="Invalid access token")
    body = (await get("/api/v1/health")).json
    assert body["overall_status"] == "unhealthy"
    assert body["ingestion_service"]["websocket_connection"]["state"] == "auth_invalid"


async def test_a_capture_that_pauses_is_degraded_and_says_why(get: Any, ingestion: Any) -> None:
    ingestion.answer["spool"] = {"pause_reason": "spool_full"}
    body = (await get("/api/v1/health")).json
    assert body["overall_status"] == body["ingestion_service"]["status"] == "degraded"
    assert body["ingestion_service"]["event_processing"]["last_error"] == "reading is paused: spool_full"


async def test_live_asks_nobody(get: Any, store: Any) -> None:
    assert (await get("/api/v1/health/live")).json == {"status": "alive"}
    assert store.asked == []


async def test_ready_while_the_store_answers(get: Any, store: Any) -> None:
    assert (await get("/api/v1/health/ready")).json == {"status": "ready"}
    store.error = StoreUnavailableError("busy")
    assert (await get("/api/v1/health/ready")).status == 503
