"""The store gate: closed after a failure, reopened by itself, and every query counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from admin_api.store import gate as store_gate
from admin_api.store.gate import StoreGate
from admin_api.store.metrics import StoreMetrics
from ha_ingestor_core.errors import InvalidInputError, StoreDamagedError, StoreRefusedError, StoreUnavailableError
from ha_ingestor_store.store import Source
from ha_ingestor_store.time_range import TimeRange
from prometheus_client import CollectorRegistry

EVER = TimeRange(0, 2**62)


@pytest.fixture
async def gate(store: Any, clock: Any, registry: CollectorRegistry) -> AsyncIterator[StoreGate]:
    gate = StoreGate(store, Source.INFLUXDB, clock=clock, metrics=StoreMetrics(registry, Source.INFLUXDB))
    yield gate
    await gate.stop()


def connected(registry: CollectorRegistry) -> float | None:
    return registry.get_sample_value("admin_api_influxdb_connected")


# plan: 2.4-startup, 2.2-health
async def test_a_store_that_is_away_at_the_start_is_no_reason_to_fail(
    gate: StoreGate, store: Any, registry: CollectorRegistry
) -> None:
    store.error = StoreUnavailableError("away")
    assert await gate.start() is False
    assert (gate.is_connected, gate.last_error, connected(registry)) == (False, "away", 0)


async def test_an_outage_counts_as_one_activation_of_the_fallback(
    gate: StoreGate, store: Any, registry: CollectorRegistry
) -> None:
    name = "ha_ingestor_admin_api_fallback_activations_total"
    assert registry.get_sample_value(name) == 0
    store.error = StoreUnavailableError("away")
    await gate.start()
    for _ in range(3):
        with pytest.raises(StoreUnavailableError):
            await gate.reader("stats").event_count(EVER)
    assert registry.get_sample_value(name) == 1


async def test_errors_are_zero_and_not_missing_before_the_first(gate: StoreGate, registry: CollectorRegistry) -> None:
    await gate.reader("stats").event_count(EVER)
    name = "admin_api_influxdb_queries_total"
    counts = {s: registry.get_sample_value(name, {"endpoint": "stats", "status": s}) for s in ("success", "error")}
    assert counts == {"success": 1, "error": 0}


async def test_after_a_failure_queries_are_rejected_immediately(gate: StoreGate, store: Any) -> None:
    store.error = StoreUnavailableError("away")
    reader = gate.reader("stats")
    for _ in range(2):
        with pytest.raises(StoreUnavailableError, match="away") as caught:
            await reader.event_count(EVER)
    assert store.asked.count(EVER) == 1
    assert caught.value.retry_after_s == 1.0
    assert not gate.is_connected


async def test_a_recovered_store_is_detected_without_a_query(
    gate: StoreGate, store: Any, registry: CollectorRegistry
) -> None:
    store.error = StoreUnavailableError("away")
    await gate.start()
    store.error = None
    async with asyncio.timeout(5):
        while not gate.is_connected:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert connected(registry) == 1
    await gate.reader("stats").event_count(EVER)


@pytest.mark.parametrize(
    "error",
    [StoreUnavailableError("too much at once"), StoreRefusedError("unheard of"), RuntimeError("mistake")],
)
async def test_a_question_that_fails_by_itself_refuses_no_other(
    gate: StoreGate, store: Any, registry: CollectorRegistry, error: Exception
) -> None:
    await gate.start()
    store.answers_pings = True
    for _ in range(3):
        store.error = error
        with pytest.raises(type(error)):
            await gate.reader("entities").event_count(EVER)
        store.error = None
        await gate.reader("stats").event_count(EVER)
        assert (gate.is_connected, gate.last_error, connected(registry)) == (True, None, 1)


async def test_a_question_that_is_slow_by_itself_refuses_no_other(gate: StoreGate, store: Any) -> None:
    store.hangs = store.answers_pings = True
    with pytest.raises(StoreUnavailableError, match=r"within 0\.05 s"):
        await gate.reader("entities", timeout_s=0.05).event_count(EVER)
    store.hangs = False
    await gate.reader("stats", timeout_s=0.05).event_count(EVER)
    assert gate.is_connected


async def test_a_store_that_hangs_is_waited_for_no_longer_than_the_timeout(
    gate: StoreGate, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_gate, "VERDICT_WAIT_S", 0.02)
    monkeypatch.setattr(store_gate, "PROBE_TIMEOUT_S", 30)
    store.hangs = True
    with pytest.raises(StoreUnavailableError, match=r"within 0\.05 s"):
        await gate.reader("stats", timeout_s=0.05).event_count(EVER)
    with pytest.raises(StoreUnavailableError, match=r"within 0\.05 s"):  # while the probe is running
        await gate.reader("stats", timeout_s=60).event_count(EVER)


async def test_a_store_that_hangs_is_refused_for_its_probe_once_that_has_ended(
    gate: StoreGate, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_gate, "PROBE_TIMEOUT_S", 0.07)
    store.hangs = True
    with pytest.raises(StoreUnavailableError):
        await gate.reader("stats", timeout_s=0.05).event_count(EVER)
    async with asyncio.timeout(10):
        while gate.is_connected:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    with pytest.raises(StoreUnavailableError, match=r"within 0\.07 s"):
        await gate.reader("stats").event_count(EVER)


async def test_waiting_queries_end_when_the_store_is_found_to_hang(
    gate: StoreGate, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_gate, "PROBE_TIMEOUT_S", 0.05)
    store.hangs = True
    patient = asyncio.create_task(gate.reader("events").event_count(EVER))
    with pytest.raises(StoreUnavailableError):
        await gate.reader("stats", timeout_s=0.05).event_count(EVER)
    async with asyncio.timeout(10):
        with pytest.raises(StoreUnavailableError, match=r"within 0\.05 s"):
            await patient


async def test_a_question_whose_limit_passes_as_the_store_is_found_to_hang_is_no_trouble(
    gate: StoreGate, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_gate, "PROBE_TIMEOUT_S", 0.03)
    store.hangs = True
    waiting = [asyncio.create_task(gate.reader("x", timeout_s=0.01 * n).event_count(EVER)) for n in range(1, 8)]
    failures = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(failure) for failure in failures} == {StoreUnavailableError}
    store.hangs = False
    async with asyncio.timeout(5):
        while not gate.is_connected:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_what_a_person_must_mend_stays_that(gate: StoreGate, store: Any) -> None:
    store.error = StoreRefusedError("wrong token")
    await gate.start()
    with pytest.raises(StoreRefusedError, match="wrong token"):
        await gate.reader("events").event_count(EVER)


async def test_an_invalid_query_does_not_affect_the_store(
    gate: StoreGate, store: Any, registry: CollectorRegistry
) -> None:
    store.error = InvalidInputError("no", field="x")
    with pytest.raises(InvalidInputError):
        await gate.reader("stats").event_count(EVER)
    assert gate.is_connected
    assert gate.error_count == 0


async def test_an_unexpected_error_is_not_shown_to_callers(gate: StoreGate, store: Any) -> None:
    store.error = RuntimeError("the password is hunter2")
    await gate.start()
    assert gate.last_error == "Unexpected error of the store (RuntimeError)"


async def test_questions_are_counted_and_timed_by_endpoint(
    gate: StoreGate, store: Any, registry: CollectorRegistry
) -> None:
    await gate.reader("events").event_count(EVER)
    store.error = StoreUnavailableError("away")
    with pytest.raises(StoreUnavailableError):
        await gate.reader("gaps").event_count(EVER)
    name = "admin_api_influxdb_queries_total"
    assert registry.get_sample_value(name, {"endpoint": "events", "status": "success"}) == 1
    assert registry.get_sample_value(name, {"endpoint": "gaps", "status": "error"}) == 1
    assert registry.get_sample_value("admin_api_influxdb_query_duration_seconds_count", {"endpoint": "events"}) == 1
    assert (gate.query_count, gate.error_count) == (2, 1)
    assert (gate.transfers.per_minute, gate.recent_errors) == (1, 1)


async def test_a_damaged_store_is_called_damaged(gate: StoreGate, store: Any) -> None:
    store.error = StoreDamagedError("events.sqlite3 is damaged")
    await gate.start()
    with pytest.raises(StoreDamagedError, match="is damaged"):
        await gate.reader("stats").event_count(EVER)


async def test_what_was_captured_is_stored_before_the_store_is_asked(gate: StoreGate, store: Any) -> None:
    async def deliver() -> None:
        assert store.asked == []

    gate.before_questions = deliver
    await gate.reader("stats").event_count(EVER)
    assert store.asked == [EVER]


async def test_alerts_do_not_make_the_capture_write(gate: StoreGate, store: Any) -> None:
    async def deliver() -> None:
        raise AssertionError("was called")

    gate.before_questions = deliver
    await gate.reader("alerts", newest=False).event_count(EVER)
    assert store.asked == [EVER]
