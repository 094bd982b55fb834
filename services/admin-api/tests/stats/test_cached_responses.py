"""Requests that were already parsed, and the identity of a client."""

from __future__ import annotations

from typing import Any

import pytest
from admin_api.http.time_range import RequestedRange
from admin_api.security.caller import client_of
from admin_api.security.scopes import Scope
from admin_api.stats.cached_responses import _MOST_UNDERSTOOD, KnownQuestions, UnderstoodRequests
from admin_api.stats.questions.statistics import StatsQuestion
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.errors import StoreUnavailableError


def scope(query: bytes = b"", headers: list[tuple[bytes, bytes]] | None = None, **more: Any) -> dict[str, Any]:
    return {"path": "/p", "query_string": query, "headers": headers or [], "route": "r", **more}


def test_a_client_is_the_id_that_it_gives_itself_else_its_address() -> None:
    assert client_of(scope(headers=[(b"x-client-id", b"kitchen")], client=("10.0.0.7", 1))) == "kitchen"
    assert client_of(scope(client=("10.0.0.7", 1))) == "10.0.0.7"
    assert client_of(scope()) == ""


async def test_behind_a_trusted_proxy_the_client_before_it_decides(
    asker: Any, make_app: Any, make_guard: Any, statistics: Any, secret_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def answer(question: Any, client: str) -> Any:
        asked.append(client)
        raise StoreUnavailableError("away")

    monkeypatch.setattr(statistics.answers, "answer", answer)
    app = make_app(make_guard("0.0.0.0", trusted_proxies="10.0.0.1"))
    ask = asker(app, client="10.0.0.1", authorization=f"Bearer {secret_of(Scope.READ)}")
    await ask("/api/v1/stats", x_forwarded_for="198.51.100.7")
    await ask("/api/v1/stats", x_forwarded_for="198.51.100.8", x_client_id="kitchen")
    await asker(app, client="192.0.2.1", authorization=f"Bearer {secret_of(Scope.OPERATE)}")(
        "/api/v1/stats", x_forwarded_for="198.51.100.9"
    )
    assert asked == ["198.51.100.7", "kitchen", "192.0.2.1"]


def test_the_same_words_are_the_same_question_and_others_are_not() -> None:
    understood = UnderstoodRequests()
    understood.learn(scope(b"period=1h"), StatsQuestion(RequestedRange("1h")))
    known = understood.find(scope(b"period=1h"))
    assert known is not None
    assert known.question == StatsQuestion(RequestedRange("1h"))
    assert understood.find(scope(b"period=1d")) is None


def test_only_so_many_are_remembered() -> None:
    understood = UnderstoodRequests()
    for n in range(_MOST_UNDERSTOOD + 1):
        understood.learn(scope(str(n).encode()), StatsQuestion(RequestedRange("1h")))
    assert understood.find(scope(b"0")) is None
    assert understood.find(scope(str(_MOST_UNDERSTOOD).encode()))


def test_long_words_are_not_remembered() -> None:
    understood = UnderstoodRequests()
    words = b"period=1h" + b"&" * 100_000
    understood.learn(scope(words), StatsQuestion(RequestedRange("1h")))
    assert understood.find(scope(words)) is None


async def test_a_request_in_other_words_is_still_checked(get: Any) -> None:
    await get("/api/v1/stats?period=1h")
    assert (await get("/api/v1/stats?period=1h&perod=1h")).status == 422
    assert (await get("/api/v1/stats?period=1h", method="POST")).status == 405


async def test_what_was_understood_is_parsed_no_more_however_old_its_answer_is(
    call: Any, statistics: Any, store: Any, clock: Any
) -> None:
    async def parse(*_: Any) -> None:
        raise AssertionError("it was parsed again")

    understood = UnderstoodRequests()
    understood.learn(scope(b"period=1h"), StatsQuestion(RequestedRange("1h")))
    known = call(KnownQuestions(parse, answers=statistics.answers, understood=understood))
    for passed_s in (0.0, 1.5, 10.0):
        clock.advance(passed_s)
        assert (await known("/p?period=1h")).headers["stats-source"] == "embedded"
    store.error = StoreUnavailableError("away")
    clock.advance(10.0)
    assert (await known("/p?period=1h")).headers["stats-source"] == "services-fallback"
    with pytest.raises(AssertionError):
        await known("/p?period=2h")


async def test_a_question_that_ceased_to_be_one_is_an_error_of_its_route(get: Any, clock: Any) -> None:
    asked = "/api/v1/stats?start=2027-01-15T07:59:59Z"
    assert (await get(asked)).status == 200
    clock.advance(10)  # the cached answer is too old
    clock.turn_to(clock.now_ns() - 3600 * NS_PER_S)
    answer = await get(asked)
    assert (answer.status, answer.json["error"]["detail"]["field"]) == (422, "start")


async def test_clients_of_the_rollout_get_their_own_source_from_one_address(get: Any, statistics: Any) -> None:
    await statistics.keeper.change(influxdb_rollout_percent=50)
    found = {
        n: {(await get("/api/v1/stats", x_client_id=f"client-{n}")).headers["stats-source"] for _ in range(3)}
        for n in range(20)
    }
    assert {len(sources) for sources in found.values()} == {1}
    assert set().union(*found.values()) == {"embedded", "services"}
