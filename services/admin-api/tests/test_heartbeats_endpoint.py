"""`/stats/heartbeats`."""

from __future__ import annotations

from typing import Any

from admin_api.stats.models import HeartbeatsAnswer
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.errors import StoreUnavailableError
from ha_ingestor_store.answers import ServiceTrendPoint
from ha_ingestor_store.time_range import MINUTE_NS


async def _heartbeats(get: Any, query: str = "") -> HeartbeatsAnswer:
    return HeartbeatsAnswer.model_validate_json((await get(f"/api/v1/stats/heartbeats{query}")).body)


async def test_every_service_has_a_bar_of_the_last_day(get: Any, store: Any, clock: FakeClock) -> None:
    minutes = range(1, 24 * 60 + 1)
    reports = [ServiceTrendPoint(clock.now_ns() - minute * MINUTE_NS, 0.0) for minute in minutes]
    store.series = {"enrichment-pipeline": reports, "admin-api": reports[:30]}
    body = await _heartbeats(get)
    assert (body.period, body.slot_s, body.interval_s, body.source) == ("24h", 900, 60, "embedded")
    services = {each.service: each for each in body.services}
    assert [each.label for each in body.services] == ["WebSocket ingestion", "Enrichment pipeline", "Admin API"]
    assert services["enrichment-pipeline"].uptime_percent == 100.0
    assert {slot.state for slot in services["enrichment-pipeline"].slots} == {"up"}
    assert services["websocket-ingestion"].uptime_percent is None
    assert {slot.state for slot in services["websocket-ingestion"].slots} == {"unknown"}


async def test_while_the_store_is_away_each_service_answers_for_what_it_remembers(
    get: Any, store: Any, enrichment: Any
) -> None:
    store.error = StoreUnavailableError("away")
    for minute in range(10, 0, -1):
        enrichment.report(60 * minute, events_failed=minute == 3)
    body = await _heartbeats(get, "?period=15m")
    assert (body.source, body.warning is not None) == ("services-fallback", True)
    states = {each.service: [slot.state for slot in each.slots] for each in body.services}
    assert states["enrichment-pipeline"] == ["down"] * 5 + ["up"] * 7 + ["degraded"] + ["up"] * 2
    assert set(states["admin-api"]) == {"unknown"}


async def test_a_free_range_can_be_requested(get: Any) -> None:
    body = await _heartbeats(get, "?start=2027-01-01T00:00:00Z&end=2027-01-08T00:00:00Z")
    assert (body.period, body.slot_s, body.interval_s) == (None, 7200, 3600)
    assert (await get("/api/v1/stats/heartbeats?period=soon")).status == 422
