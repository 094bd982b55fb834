"""The balance of the counts of the services."""

from __future__ import annotations

from typing import Any

from admin_api.records.accounting_endpoints import account_view
from admin_api.records.models import AccountingAnswer
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_store.answers import ServiceStatistics
from ha_ingestor_store.time_range import TimeRange


def statistics(service: str, queue_depth: float | None, **counters: int) -> ServiceStatistics:
    return ServiceStatistics(
        service=service,
        counters={f"events_{name}": count for name, count in counters.items()},
        processing_time_ms=None,
        processing_time_ms_p95=None,
        success_rate=None,
        queue_depth=queue_depth,
        lag_s=None,
        last_seen_ns=0,
    )


def test_an_event_is_ended_or_in_the_queue() -> None:
    ends = {"processed": 5, "duplicate": 4, "filtered": 3, "rejected": 2, "failed": 1}
    view = account_view(statistics("s", 9, received=20, **ends), queued_at_start=4)
    assert (view["difference"], view["adds_up"]) == (0, True)
    view = account_view(statistics("s", 9, received=21, **ends), queued_at_start=4)
    assert (view["difference"], view["adds_up"]) == (1, False)


async def test_the_queue_at_the_start_is_that_of_the_last_report_before(get: Any, store: Any, clock: FakeClock) -> None:
    within = [statistics("pipeline", 3, received=10, processed=12), statistics("admin-api", 0, received=9)]
    before = [statistics("pipeline", 5, received=1000)]
    start_ns = clock.now_ns() - 3600 * 10**9
    store.service_statistics = lambda asked, *_: _answer(within if asked.start_ns == start_ns else before)
    answer = await get("/api/v1/accounting?period=1h")
    AccountingAnswer.model_validate_json(answer.body)
    assert answer.json["services"] == {
        "pipeline": {
            "received": 10,
            "written": 12,
            "duplicate": 0,
            "filtered": 0,
            "rejected": 0,
            "expired": 0,
            "failed": 0,
            "queued_at_start": 5,
            "queued_at_end": 3,
            "difference": 0,
            "adds_up": True,
            "counted_until": "1970-01-01T00:00:00.000000+00:00",
        }
    }


async def test_a_service_that_was_silent_for_long_is_looked_for_further_back(
    get: Any, store: Any, clock: FakeClock
) -> None:
    start_ns = clock.now_ns() - 3600 * 10**9
    asked: list[int] = []

    def answer(time_range: TimeRange, *_: Any) -> Any:
        asked.append(time_range.start_ns)
        return _answer([] if time_range.start_ns == start_ns - 3600 * 10**9 else [statistics("pipeline", 5)])

    store.service_statistics = answer
    account = (await get("/api/v1/accounting?period=1h")).json["services"]["pipeline"]
    assert account["queued_at_start"] == 5
    assert asked == [start_ns, start_ns - 3600 * 10**9, 0]


async def test_a_range_is_accounted_for_by_its_own_start_and_end(get: Any, store: Any, clock: FakeClock) -> None:
    clock.advance(7200)
    asked: list[TimeRange] = []

    def answer_of(time_range: TimeRange, *_: Any) -> Any:
        asked.append(time_range)
        return _answer([statistics("pipeline", 5)])

    store.service_statistics = answer_of
    answer = await get("/api/v1/accounting?start=1970-01-01T00:30:00Z&end=1970-01-01T01:00:00Z")
    AccountingAnswer.model_validate_json(answer.body)
    assert (answer.json["period"], answer.json["end"]) == (None, "1970-01-01T01:00:00.000000+00:00")
    assert asked[0] == TimeRange(1800 * 10**9, 3600 * 10**9)


async def test_a_service_without_counters_adds_up(get: Any, store: Any) -> None:
    store.services = [statistics("test-service", None)]
    answer = await get("/api/v1/accounting")
    assert answer.json["services"]["test-service"]["adds_up"] is True


async def test_a_period_from_before_1970_has_nothing_before_it(get: Any, store: Any) -> None:
    store.services = [statistics("pipeline", 2, received=2)]
    answer = await get("/api/v1/accounting?period=99y")
    assert answer.json["services"]["pipeline"]["queued_at_start"] == 0
    assert len(store.asked) == 1


async def test_a_wrong_period_is_refused(get: Any) -> None:
    assert (await get("/api/v1/accounting?period=yesterday")).status == 422


async def _answer(services: list[ServiceStatistics]) -> list[ServiceStatistics]:
    return services
