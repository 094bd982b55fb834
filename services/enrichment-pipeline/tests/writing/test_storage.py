"""The store as the pipeline sees it."""

from __future__ import annotations

from typing import Any

import pytest
from enrichment_pipeline.metrics import PipelineMetrics
from enrichment_pipeline.writing.storage import Storage
from ha_ingestor_core.clock import FakeClock, ns_to_rfc3339
from ha_ingestor_core.errors import StoreUnavailableError, UnexpectedError, WritesRefusedError
from ha_ingestor_core.service_metrics import Counter, ServiceCounters
from ha_ingestor_store.points import EventPoint


@pytest.fixture
def storage(store: Any, clock: FakeClock, counters: ServiceCounters, metrics: PipelineMetrics) -> Storage:
    return Storage(store, clock=clock, counters=counters, metrics=metrics)


async def test_a_write_is_counted_and_remembered(storage: Storage, clock: FakeClock, counters: ServiceCounters) -> None:
    await storage.write_events([])
    assert (counters.totals[Counter.WRITE_ATTEMPTS], counters.totals[Counter.WRITE_ERRORS]) == (1, 0)
    assert storage.status() == {
        "is_connected": True,
        "written_per_minute": 0.0,
        "last_write_time": ns_to_rfc3339(clock.now_ns()),
        "write_errors": 0,
        "last_error": None,
        "failing_s": None,
    }


async def test_the_rate_of_writes_counts_what_the_store_took(storage: Storage, store: Any) -> None:
    points = [EventPoint(home="home", event_type="state_changed", time_ns=at) for at in (1, 2)]
    await storage.write_events(points)
    assert storage.status()["written_per_minute"] == 2.0
    store.failures = [StoreUnavailableError("locked")]
    with pytest.raises(StoreUnavailableError):
        await storage.write_events(points)
    assert storage.status()["written_per_minute"] == 2.0


async def test_a_failed_write_is_counted_and_shown_until_one_succeeds(storage: Storage, store: Any) -> None:
    store.failures = [StoreUnavailableError("locked")]
    with pytest.raises(StoreUnavailableError):
        await storage.write_events([])
    status = storage.status()
    assert (status["is_connected"], status["last_error"], status["write_errors"]) == (False, "locked", 1)
    await storage.write_events([])
    status = storage.status()
    assert (status["is_connected"], status["last_error"], status["write_errors"]) == (True, None, 1)


async def test_an_unexpected_failure_is_translated(storage: Storage, store: Any) -> None:
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


async def test_a_server_that_takes_service_metrics_and_refuses_events_is_still_failing(
    storage: Storage, store: Any, clock: FakeClock
) -> None:
    store.failures = [WritesRefusedError("max-series-per-database limit exceeded")]
    with pytest.raises(WritesRefusedError):
        await storage.write_events([])
    clock.advance(40)
    await storage.write_service_metrics([])
    assert storage.last_error is not None
    status = storage.status()
    assert (status["last_error"], status["failing_s"]) == ("max-series-per-database limit exceeded", 40)
    await storage.write_events([])
    assert [storage.last_error, storage.status()["failing_s"]] == [None, None]
