"""Heartbeats are the same in every dialect: one scripted night, by minute and by hour."""

from __future__ import annotations

from typing import Any

import pytest
from admin_api.http.time_range import RequestedRange
from admin_api.rollout.source import StatsSource
from admin_api.stats.questions.heartbeats import HeartbeatsQuestion
from admin_api.stats.questions.question import AnswerContext
from admin_api.stats.sources.from_store import StoreStatistics
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.service_metrics import Counter, ServiceMetricsPoint
from ha_ingestor_store import Store
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS

from tests.contract.conftest import OpenStore, roll_up
from tests.contract.strategies import BASE_NS

START_NS = BASE_NS // DAY_NS * DAY_NS
NOW_NS = START_NS + 6 * HOUR_NS
DOWN = range(2 * 60 + 10, 4 * 60 + 20)
"""Minutes of the pipeline's outage: the end of one hour, a complete hour, and the start of another."""


def _report(service: str, instance: str, second: int, failed: int = 0) -> ServiceMetricsPoint:
    counters = dict.fromkeys((counter.value for counter in Counter), 0) | {Counter.FAILED.value: failed}
    return ServiceMetricsPoint(service, START_NS + second * NS_PER_S, instance, counters)


def _night() -> list[ServiceMetricsPoint]:
    """The reports of a night: an outage of the pipeline, both homes, and a late, failing Admin API."""
    reports = []
    for second in range(7, 6 * 3600, 10):
        if second // 60 not in DOWN:
            reports.append(_report("enrichment-pipeline", "i", second))
        reports += [_report("websocket-ingestion", instance, second) for instance in ("i", "i/cabin")]
        if second >= 3600:
            reports.append(_report("admin-api", "i", second, failed=2 if second // 60 == 5 * 60 + 1 else 0))
    return reports


async def _answer(store: Store, asked: RequestedRange, now_ns: int) -> dict[str, list[tuple[str, int, int, int]]]:
    told = AnswerContext(now_ns, StatsSource(store.capabilities.source))
    view: dict[str, Any] = await HeartbeatsQuestion(asked).answer(StoreStatistics(store.reader), told)
    return {
        service["service"]: [
            (slot["state"], slot["reports"], slot["expected"], slot["failed"]) for slot in service["slots"]
        ]
        for service in view["services"]
    }


@pytest.mark.parametrize("is_rolled_up", [False, True])
async def test_every_dialect_has_the_same_heartbeats(open_empty_store: OpenStore, is_rolled_up: bool) -> None:
    async with open_empty_store() as store:
        reports = _night()
        for at in range(0, len(reports), 1_000):
            await store.writer.write_service_metrics(reports[at : at + 1_000])
        if is_rolled_up:
            await roll_up(store, NOW_NS + MINUTE_NS)

        minutes = await _answer(store, RequestedRange("6h"), NOW_NS)
        assert minutes["websocket-ingestion"] == [("up", 5, 5, 0)] * 72
        outage = [("down", 0, 5, 0)] * 26
        assert minutes["enrichment-pipeline"] == [("up", 5, 5, 0)] * 26 + outage + [("up", 5, 5, 0)] * 20
        failed = [("degraded", 5, 5, 12)]
        before, after = [("unknown", 0, 0, 0)] * 12, [("up", 5, 5, 0)]
        assert minutes["admin-api"] == before + after * 48 + failed + after * 11

        later_ns = START_NS + 4 * DAY_NS
        hours = await _answer(store, RequestedRange("4d"), later_ns)
        assert hours["enrichment-pipeline"][:4] == [("up", 1, 1, 0)] * 3 + [("down", 0, 1, 0)]
        assert hours["admin-api"][:7] == [
            ("unknown", 0, 0, 0),
            *[("up", 1, 1, 0)] * 4,
            ("degraded", 1, 1, 12),
            ("down", 0, 1, 0),
        ]

        # The services are known to have reported before, although the night is before the requested hour.
        silent = await _answer(store, RequestedRange("1h"), NOW_NS + 2 * HOUR_NS)
        assert {state for slots in silent.values() for state, *_ in slots[:-1]} == {"down"}
