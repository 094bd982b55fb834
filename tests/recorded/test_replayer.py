"""What a replay says when the requests are no longer those of the recording."""

from __future__ import annotations

import gzip
from pathlib import Path

import aiohttp
import msgspec
import pytest

from tests.recorded.exchanges import Exchange, Request, Response, read_exchanges, write_exchanges
from tests.recorded.replayer import replaying


def question(text: str, answer: str = "") -> Exchange:
    """A question in Flux and its answer."""
    body = msgspec.json.encode({"query": text, "type": "flux"}).decode()
    headers = {"Accept": "*/*", "Content-Type": "application/json"}
    return Exchange(
        Request("POST", "/api/v2/query", {"org": "o"}, headers, body),
        Response(200, {"Content-Type": "text/csv"}, answer),
    )


async def ask(url: str, exchange: Exchange) -> tuple[int, str]:
    """Send the request of an exchange."""
    request = exchange.request
    async with (
        aiohttp.ClientSession() as session,
        session.request(
            request.method, url + request.path, params=request.params, headers=request.headers, data=request.body
        ) as answer,
    ):
        return answer.status, await answer.text()


async def test_equal_requests_are_answered_in_their_order() -> None:
    exchanges = [question("a", "1"), question("b", "2"), question("a", "3\r\n")]
    async with replaying(exchanges) as url:
        told = [await ask(url, exchanges[at]) for at in (1, 0, 2)]
    assert told == [(200, "2"), (200, "1"), (200, "3\r\n")]


async def replay(recorded: list[Exchange], asked: list[Exchange], error: str = "") -> None:
    """Ask, in the place of a scenario, which then may fail by itself."""
    async with replaying(recorded) as url:
        for exchange in asked:
            await ask(url, exchange)
        assert not error, error


async def test_a_changed_question_is_shown_beside_the_recorded_one() -> None:
    recorded = [question("x |> sum()"), question('from(bucket: "b") |> range(start: 0) |> count()')]
    asked = question('from(bucket: "b") |> range(start: 1) |> count()')
    with pytest.raises(pytest.fail.Exception) as failure:
        await replay(recorded, [asked], "what follows from the refusal")
    assert "- |> range(start: 0)\n+ |> range(start: 1)\n  |> count()" in str(failure.value)
    assert "make record" in str(failure.value)


async def test_a_difference_that_lines_hide_is_shown_in_full() -> None:
    body = question("a").request.body.replace(":", ": ")
    spaced = Exchange(msgspec.structs.replace(question("a").request, body=body), question("a").response)
    with pytest.raises(pytest.fail.Exception) as failure:
        await replay([question("a")], [spaced])
    assert repr(body) in str(failure.value)


async def test_a_question_more_than_recorded_fails() -> None:
    with pytest.raises(pytest.fail.Exception, match="more often than it is recorded"):
        await replay([question("a")], [question("a"), question("a")])


async def test_a_question_that_never_comes_fails() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"^1 recorded requests were never asked(.|\n)*\nb\n"):
        await replay([question("a"), question("b")], [question("a")])


async def test_an_answer_that_is_read_wrongly_fails_as_itself() -> None:
    with pytest.raises(AssertionError, match="another number"):
        await replay([question("a")], [question("a")], "another number")


async def test_lines_are_compared_as_they_were_before_compression() -> None:
    headers = {"Accept": "*/*", "Content-Encoding": "gzip", "Content-Type": "text/plain"}
    request = Request("POST", "/api/v2/write", {}, headers, "m f=1 1\nm f=2 2")
    async with (
        replaying([Exchange(request, Response(204, {}, ""))]) as url,
        aiohttp.ClientSession() as session,
        session.post(url + request.path, headers=headers, data=gzip.compress(request.body.encode(), 9)) as answer,
    ):
        assert answer.status == 204


def test_every_text_survives_the_file(tmp_path: Path) -> None:
    exchanges = [question("a\r\n\u2028\x85ü😀", "x\ry\r\nz\n"), question("\x00")]
    write_exchanges(tmp_path / "a.jsonl", exchanges)
    assert read_exchanges(tmp_path / "a.jsonl") == exchanges
