"""The service as a whole."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Any

import pytest
from enrichment_pipeline.main import (
    EnrichmentPipeline,
    build_enrichment_pipeline,
    build_enrichment_pipeline_server,
)
from enrichment_pipeline.settings import Settings
from ha_ingestor_core.clock import NS_PER_S, FakeClock, ns_to_rfc3339
from ha_ingestor_core.delivery import EventDelivery, Receipt, ServiceStatus
from ha_ingestor_core.errors import StoreUnavailableError, TerminalError
from ha_ingestor_core.events import EventBatch
from ha_ingestor_core.filters.rules import FilterLists, Filters
from ha_ingestor_core.logging.log_ring import LogRing
from ha_ingestor_core.reporting import service_info
from ha_ingestor_core.service_metrics import Counter
from prometheus_client import CollectorRegistry

Start = Callable[..., Awaitable[EnrichmentPipeline]]
Batch = Callable[..., EventBatch]
Changes = Callable[..., list[dict[str, Any]]]


async def test_the_uptime_is_not_that_of_a_clock_that_was_set(start: Start, clock: FakeClock) -> None:
    pipeline = await start()
    clock.advance(5)
    clock.turn_to(clock.now_ns() - 3600 * NS_PER_S)
    assert (await pipeline.status())["uptime_s"] == 5


async def test_the_status_has_counters_queue_and_store(
    start: Start, batch: Batch, changes: Changes, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_info, "RECENT", LogRing())  # that of the process has the lines of other tests
    pipeline = await start(queue_limit=50)
    await pipeline.deliver(batch(*changes(2), b"{}"))
    status = await pipeline.status()
    assert (status["service"], status["instance"], status["started"]) == (
        "enrichment-pipeline",
        "test",
        ns_to_rfc3339(clock.now_ns()),
    )
    assert (status["queue_depth"], status["queue_limit"]) == (0, 50)
    assert (status["counters"][Counter.RECEIVED], status["counters"][Counter.WRITE_ATTEMPTS]) == (3, 1)
    assert status["storage"]["is_connected"] is True
    assert (status["version"], status["logs"]) == (version("ha-ingestor"), [])
    assert status["transfers"]["store"]["per_minute"] == 2.0
    assert status["weather_enrichment"] == {
        "enabled": True,
        "source": "home",
        "cache_hits": 0,
        "api_calls": 0,
        "last_error": None,
    }


async def test_health_follows_the_store(start: Start, batch: Batch, changes: Changes, store: Any) -> None:
    pipeline = await start()
    assert pipeline.health() == {"status": "healthy"}
    store.failures = [StoreUnavailableError("locked")]
    with pytest.raises(StoreUnavailableError):
        await pipeline.deliver(batch(*changes(1)))
    assert pipeline.health()["status"] == "degraded"
    await pipeline.deliver(batch(*changes(1)))
    assert pipeline.health() == {"status": "healthy"}


# plan: risk-missing
async def test_stop_writes_what_was_delivered_and_the_last_service_metrics(
    store: Any, clock: FakeClock, settings: Callable[..., Settings], batch: Batch, changes: Changes
) -> None:
    pipeline: EventDelivery = build_enrichment_pipeline(settings(batch_age_ms=1_000), store=store, clock=clock)
    assert isinstance(pipeline, EnrichmentPipeline)
    await pipeline.start()
    delivering = asyncio.create_task(pipeline.deliver(batch(*changes(4))))
    await asyncio.sleep(0)
    await pipeline.stop()
    assert await delivering == Receipt(written=4)
    assert (await pipeline.status())["totals"]["written"] == 4
    (point,) = store.metrics
    assert (point.service, point.counters[Counter.PROCESSED], point.levels["queue_depth"]) == (
        "enrichment-pipeline",
        4,
        0,
    )


async def test_prometheus_numbers_agree_with_the_counters(
    start: Start, batch: Batch, changes: Changes, registry: CollectorRegistry
) -> None:
    pipeline: ServiceStatus = await start()
    assert isinstance(pipeline, EnrichmentPipeline)
    await pipeline.set_filters(Filters(exclude=FilterLists(entities=["sensor.debug"])))
    await pipeline.deliver(batch(*changes(2), b"{}", *changes(3, "sensor.debug")))
    await pipeline.deliver(batch(*changes(2)))
    prefix = "ha_ingestor_enrichment_pipeline"
    outcomes = {
        outcome: registry.get_sample_value(f"{prefix}_events_total", {"outcome": outcome})
        for outcome in ("processed", "duplicate", "filtered", "rejected", "expired")
    }
    assert outcomes == {"processed": 2, "duplicate": 2, "filtered": 3, "rejected": 1, "expired": 0}
    assert registry.get_sample_value(f"{prefix}_filtered_events_total", {"rule": "excluded_entity"}) == 3
    assert registry.get_sample_value(f"{prefix}_filtered_events_total", {"rule": "not_included"}) == 0
    assert registry.get_sample_value(f"{prefix}_rejected_events_total", {"reason": "missing_field"}) == 1
    assert registry.get_sample_value(f"{prefix}_write_duration_seconds_count", {"status": "success"}) == 2


async def test_the_error_of_a_port_in_use_names_its_setting(store: Any, settings: Callable[..., Settings]) -> None:
    first = build_enrichment_pipeline_server(settings(), store=store)
    await first.start()
    port = int(first.url.rpartition(":")[2])
    second = build_enrichment_pipeline_server(settings(port=port), store=store)
    with pytest.raises(TerminalError, match="ENRICHMENT_PIPELINE_PORT"):
        await second.start()
    await first.stop()


async def test_what_was_counted_before_a_kill_is_reported_by_the_next_process(
    store: Any, clock: FakeClock, settings: Callable[..., Settings], batch: Batch, changes: Changes
) -> None:
    killed = build_enrichment_pipeline(settings(), store=store, clock=clock)
    await killed.start()
    await killed.deliver(batch(*changes(4), b"{}"))
    counted_ns = clock.now_ns()
    clock.advance(3600)
    pipeline = build_enrichment_pipeline(settings(), store=store, clock=clock)
    await pipeline.start()
    await pipeline.deliver(batch(*changes(1)))
    assert (await pipeline.status())["totals"] == {
        "received": 6,
        "written": 4,
        "duplicate": 1,
        "filtered": 0,
        "rejected": 1,
        "expired": 0,
        "failed": 0,
        "queued": 0,
    }
    await pipeline.stop()
    first, second = store.metrics
    assert (first.time_ns, first.counters[Counter.RECEIVED], first.counters[Counter.PROCESSED]) == (counted_ns, 5, 4)
    assert (second.counters[Counter.RECEIVED], second.counters[Counter.DUPLICATE]) == (1, 1)
    await killed.stop()
