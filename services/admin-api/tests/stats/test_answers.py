"""The source of each answer, and that a comparison delays no answer."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from admin_api.http.time_range import RequestedRange
from admin_api.rollout.source_choice import SourceChoice
from admin_api.stats.parts import Statistics
from admin_api.stats.questions.statistics import ServicesQuestion, StatsQuestion
from admin_api.store import gate as store_gate
from ha_ingestor_core.errors import InvalidInputError, StoreRefusedError, StoreUnavailableError

STATS = StatsQuestion(RequestedRange("1h"))


def choose(statistics: Statistics, **changes: Any) -> None:
    statistics.keeper.current = msgspec.structs.replace(statistics.keeper.current, **changes)


async def test_an_excluded_client_gets_the_services_without_a_warning(statistics: Statistics, store: Any) -> None:
    choose(statistics, influxdb_rollout_percent=0)
    answer = await statistics.answers.answer(STATS, "kitchen")
    assert (answer.source, store.asked) == ("services", [])
    assert msgspec.json.decode(answer.body)["warning"] is None


async def test_each_client_keeps_its_source_while_both_are_asked(statistics: Statistics) -> None:
    choose(statistics, influxdb_rollout_percent=50)
    clients = [f"client-{n}" for n in range(200)]
    first = [(await statistics.answers.answer(STATS, client)).source for client in clients]
    again = [(await statistics.answers.answer(STATS, client)).source for client in clients]
    assert first == again
    in_store = [SourceChoice(influxdb_rollout_percent=50).uses_store(client) for client in clients]
    assert [source == "embedded" for source in first] == in_store


# plan: 3-criteria-errors, success-errors
@pytest.mark.parametrize(
    "error", [StoreUnavailableError("away"), StoreRefusedError("wrong token"), RuntimeError("garbage"), KeyError("x")]
)
async def test_whatever_the_store_does_the_services_answer(
    statistics: Statistics, store: Any, error: Exception
) -> None:
    store.error = error
    assert (await statistics.answers.answer(STATS, "c")).source == "services-fallback"


async def test_a_store_that_hangs_is_waited_for_once(
    statistics: Statistics, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics.answers, "_timeout_s", 0.5)
    monkeypatch.setattr(store_gate, "VERDICT_WAIT_S", 0.02)
    store.hangs = True
    assert (await statistics.answers.answer(STATS, "c")).source == "services-fallback"
    monkeypatch.setattr(statistics.answers, "_timeout_s", 60)
    async with asyncio.timeout(30):
        assert (
            await statistics.answers.answer(ServicesQuestion(RequestedRange("1h")), "c")
        ).source == "services-fallback"


async def test_an_answer_of_the_services_is_never_kept_as_one_of_the_store(statistics: Statistics, store: Any) -> None:
    store.error = StoreUnavailableError("away")
    await statistics.answers.answer(STATS, "c")
    store.error = None
    await statistics.gate.start()
    assert (await statistics.answers.answer(STATS, "c")).source == "embedded"


async def test_a_question_that_is_none_is_refused_by_both(statistics: Statistics) -> None:
    for percent in (0, 100):
        choose(statistics, influxdb_rollout_percent=percent)
        with pytest.raises(InvalidInputError):
            await statistics.answers.answer(StatsQuestion(RequestedRange("1x")), "c")
    assert statistics.gate.is_connected


# plan: 7.1-compare, risk-consistency
async def test_both_are_compared_behind_the_answer(statistics: Statistics, store: Any, event: Any) -> None:
    choose(statistics, stats_compare=True)
    store.events = [event(ago_s=n) for n in range(1, 101)]
    await statistics.answers.answer(STATS, "c")
    await asyncio.sleep(0.05)
    view = statistics.comparison.view()
    assert (view["answers_compared"], view["answers_differing"]) == (1, 1)
    assert {d["field"] for d in view["differences"]} == {"total_events", "events_per_minute"}


async def test_a_comparison_never_delays_the_answer(statistics: Statistics, enrichment: Any) -> None:
    choose(statistics, stats_compare=True)
    enrichment.hangs = True
    async with asyncio.timeout(0.5):
        assert (await statistics.answers.answer(STATS, "c")).source == "embedded"


async def test_a_kept_answer_is_not_compared_again(statistics: Statistics, enrichment: Any) -> None:
    choose(statistics, stats_compare=True)
    for _ in range(5):
        await statistics.answers.answer(STATS, "c")
    await asyncio.sleep(0.05)
    assert statistics.comparison.view()["answers_compared"] == 1
