"""The metrics of a request, and the answer to an unexpected error."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from ha_ingestor_core.errors import StoreUnavailableError
from ha_ingestor_core.service_metrics import Counter, ServiceCounters


async def test_answers_below_500_are_processed_and_others_failed(
    get: Any, store: Any, counters: ServiceCounters
) -> None:
    await get("/api/v1/stats")
    await get("/api/v1/stats?period=1x")
    store.error = StoreUnavailableError("busy")
    await get("/api/v1/events")
    totals = counters.totals
    assert (totals[Counter.RECEIVED], totals[Counter.PROCESSED], totals[Counter.FAILED]) == (3, 2, 1)
    assert sum(counters.latency_counts) == 3


async def test_prometheus_tells_requests_by_route(get: Any, call: Any, app: Any) -> None:
    await get("/api/v1/entities/a/history")
    await get("/api/v1/entities/b/history?limit=0")
    await get("/nothing/a")
    await get("/api/v1/nothing")
    await call(app, host="evil.example")("/api/v1/gaps")
    text = (await get("/metrics")).body.decode()
    route = "/api/v1/entities/{entity_id}/history"
    assert f'ha_ingestor_admin_api_requests_total{{endpoint="{route}",status="200"}} 1.0' in text
    assert f'ha_ingestor_admin_api_requests_total{{endpoint="{route}",status="422"}} 1.0' in text
    assert 'ha_ingestor_admin_api_requests_total{endpoint="dashboard",status="404"} 1.0' in text
    assert 'ha_ingestor_admin_api_requests_total{endpoint="none",status="404"} 1.0' in text
    assert 'ha_ingestor_admin_api_requests_total{endpoint="none",status="421"} 1.0' in text
    assert "ha_ingestor_admin_api_requests_in_flight 1.0" in text


async def test_unforeseen_error_is_a_500_without_internals(get: Any, store: Any, counters: ServiceCounters) -> None:
    store.error = RuntimeError("the password is hunter2")
    answer = await get("/api/v1/events")
    assert (answer.status, answer.json["error"]["key"]) == (500, "internal_error")
    assert b"hunter2" not in answer.body
    assert "content-security-policy" in answer.headers
    assert counters.totals[Counter.FAILED] == 1


async def test_request_that_is_cancelled_is_counted_too(get: Any, store: Any, counters: ServiceCounters) -> None:
    store.hangs = True
    request = asyncio.create_task(get("/api/v1/stats"))
    await asyncio.sleep(0.01)
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    assert counters.totals[Counter.PROCESSED] + counters.totals[Counter.FAILED] == 1
