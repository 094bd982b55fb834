"""The store as the pipeline sees it."""

from __future__ import annotations

from typing import Any

import pytest
from enrichment_pipeline.metrics import PipelineMetrics
from enrichment_pipeline.storage import Storage
from ha_ingestor_core.clock import FakeClock, ns_to_rfc3339
from ha_ingestor_core.errors import StoreUnavailableError, UnexpectedError
from ha_ingestor_core.service_metrics import Counter, ServiceCounters
from ha_ingestor_store.answers import RejectedPoint, WriteResult
from prometheus_client import CollectorRegistry


@pytest.fixture
def storage(store: Any, clock: FakeClock, counters: ServiceCounters, metrics: PipelineMetrics) -> Storage:
    return Storage(store, clock=clock, counters=counters, metrics=metrics)


async def test_a_write_is_counted_and_remembered(storage: Storage, clock: FakeClock, counters: ServiceCounters) -> None:
    await storage.write_events([])
    assert (counters.totals[Counter.WRITE_ATTEMPTS], counters.totals[Counter.WRITE_ERRORS]) == (1, 0)
    assert storage.status() == {
        "is_connected": True,
        "last_write_time": ns_to_rfc3339(clock.now_ns()),
        "write_errors": 0,
        "last_error": None,
    }


async def test_rejected_events_that_the_store_does_not_keep_are_counted_by_reason(
    clock: FakeClock, counters: ServiceCounters
) -> None:
    class Refusing:
        async def write_events(self, *_: Any) -> WriteResult:
            return WriteResult(not_kept=[RejectedPoint(0, "beyond_retention", "too old")])

    registry = CollectorRegistry()
    refusing: Any = Refusing()
    await Storage(refusing, clock=clock, counters=counters, metrics=PipelineMetrics(registry)).write_events([])
    name = "ha_ingestor_enrichment_pipeline_not_kept_events_total"
    assert registry.get_sample_value(name, {"reason": "beyond_retention"}) == 1


async def test_a_failed_write_is_counted_and_shown_until_one_succeeds(storage: Storage, store: Any) -> None:
    store.failures = [StoreUnavailableError("locked")]
    with pytest.raises(StoreUnavailableError):
        await storage.write_events([])
    status = storage.status()
    assert (status["is_connected"], status["last_error"], status["write_errors"]) == (False, "locked", 1)
    await storage.write_events([])
    status = storage.status()
    assert (status["is_connected"], status["last_error"], status["write_errors"]) == (True, None, 1)


async def test_an_unexpected_failure_becomes_one_of_ours(storage: Storage, store: Any) -> None:
    store.failures = [ZeroDivisionError("a mistake")]
    with pytest.raises(UnexpectedError, match="ZeroDivisionError: a mistake"):
        await storage.write_events([])


async def test_a_quiet_home_notices_a_lost_store_by_its_own_metrics(
    storage: Storage, store: Any, counters: ServiceCounters
) -> None:
    store.failures = [StoreUnavailableError("gone")]
    with pytest.raises(StoreUnavailableError):
        await storage.write_service_metrics([])
    assert storage.status()["is_connected"] is False
    assert counters.totals[Counter.WRITE_ATTEMPTS] == 0
