"""Lines over real HTTP: what is written, what is refused and why, and what is left to a retry or to a person."""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import pytest
from aiohttp import web
from ha_ingestor_core.errors import StoreRefusedError, StoreUnavailableError, WritesRefusedError
from ha_ingestor_store.influx.server.http import Answer, Server
from ha_ingestor_store.influx.server.version import WriteTarget
from ha_ingestor_store.influx.server.version2 import CAPABILITIES
from ha_ingestor_store.influx.server.write_answers import V1_ANSWERS, V2_ANSWERS, RefusalKey, WriteAnswers
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.writing import batch_writer
from ha_ingestor_store.influx.writing.batch_writer import BatchWriter, RefusedLine, always
from hypothesis import given
from hypothesis import strategies as st

from libs.store.tests.influx.conftest import ScriptedInfluxDb

TARGET = WriteTarget(
    path="/api/v2/write",
    params={"org": "o", "bucket": "b", "precision": "ns"},
    headers={"Authorization": "Token secret"},
    name="bucket b",
)
MALFORMED = "unable to parse 'bad': missing fields"


def writer(server: Server, answers: WriteAnswers = V2_ANSWERS, timeout_s: float = 5.0) -> BatchWriter:
    return BatchWriter(server, msgspec.structs.replace(CAPABILITIES, write_answers=answers), timeout_s=timeout_s)


def refuses(status: int, message: str, bad: str = "bad") -> Callable[[web.Request, bytes], web.StreamResponse]:
    """Refuses whatever holds a bad line."""
    return lambda _, body: (
        web.json_response({"code": "invalid", "message": message}, status=status)
        if bad in body.decode().split("\n")
        else web.Response(status=204)
    )


def lines(count: int, *bad: int) -> list[str]:
    return ["bad" if at in bad else f"m,t={at} f=1.0 {at}" for at in range(count)]


async def test_lines_go_packed_to_where_the_dialect_says(influxdb: ScriptedInfluxDb, server: Server) -> None:
    assert await writer(server).write(TARGET, ["m f=1.0 1", "m f=2.0 2"]) == []
    ((request, body),) = influxdb.requests
    assert body == b"m f=1.0 1\nm f=2.0 2"
    assert (request.method, request.path, dict(request.query)) == ("POST", TARGET.path, TARGET.params)
    assert request.headers["Content-Encoding"] == "gzip"
    assert request.headers["Authorization"] == "Token secret"


async def test_lines_go_as_they_are_where_packing_is_not_worth_it(influxdb: ScriptedInfluxDb, server: Server) -> None:
    long = [f'm f="{"x" * 1000}" {at}' for at in range(2_000)]
    assert await BatchWriter(server, CAPABILITIES, timeout_s=5.0, packs=False).write(TARGET, long) == []
    ((request, _),) = influxdb.requests
    assert "Content-Encoding" not in request.headers
    assert influxdb.written == [long]


@pytest.mark.parametrize("answers", [V1_ANSWERS, V2_ANSWERS])
async def test_a_login_page_of_a_proxy_is_not_taken_for_written(
    influxdb: ScriptedInfluxDb, server: Server, answers: WriteAnswers
) -> None:
    influxdb.answer = lambda *_: web.Response(text="<html>Sign in</html>", content_type="text/html")
    with pytest.raises(StoreUnavailableError, match="answered 200 to a write: Sign in"):
        await writer(server, answers).write(TARGET, ["m f=1.0 1"])


async def test_nothing_is_sent_for_no_lines(influxdb: ScriptedInfluxDb, server: Server) -> None:
    assert await writer(server).write(TARGET, []) == []
    assert influxdb.requests == []


@given(st.lists(st.sampled_from(["a", "ü" * 30, "😀" * 50, "x" * 199, "y" * 500, "bad"]), max_size=30))
async def test_no_request_is_too_long_but_for_a_single_line_and_indices_stay_true(sent: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch_writer, "BYTES_PER_REQUEST", 200)
        server = RefusingServer()
        anything: Any = server
        refused = await writer(anything).write(TARGET, sent)
    assert [line.index for line in refused] == [at for at, line in enumerate(sent) if line == "bad"]
    assert all(len(body) <= 200 or b"\n" not in body for body in server.bodies)
    assert {line for body in server.bodies for line in body.decode().split("\n")} == set(sent)


class RefusingServer:
    """Refuses what holds a bad line, and remembers what came."""

    url = "http://influx"

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def request(self, *_: Any, body: bytes, **__: Any) -> Answer:
        self.bodies.append(gzip.decompress(body))
        is_bad = b"bad" in self.bodies[-1].split(b"\n")
        return Answer(400 if is_bad else 204, MALFORMED.encode(), {})


async def test_texts_arrive_as_they_are(influxdb: ScriptedInfluxDb, server: Server) -> None:
    text = 'm,t=ä\\ 😀 f="quo\\"te, = \x00" 1'
    await writer(server).write(TARGET, [text])
    assert influxdb.written == [[text]]


async def test_many_lines_go_in_several_requests_in_order(influxdb: ScriptedInfluxDb, server: Server) -> None:
    sent = lines(12_001)
    assert await writer(server).write(TARGET, sent) == []
    assert sorted(len(each) for each in influxdb.written) == [2_001, 5_000, 5_000]
    assert {line for each in influxdb.written for line in each} == set(sent)


async def slices(*of: list[str]) -> AsyncIterator[list[str]]:
    for each in of:
        yield each


async def test_two_requests_are_under_way_and_no_more(influxdb: ScriptedInfluxDb, server: Server) -> None:
    two, go_on, at_once, most = asyncio.Event(), asyncio.Event(), 0, 0

    async def hold() -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        if at_once == 2:
            two.set()
        await go_on.wait()
        at_once -= 1

    influxdb.holds = hold
    sent = lines(8)
    writing = asyncio.create_task(writer(server).write_slices(TARGET, slices(sent[:2], sent[2:4], sent[4:6], sent[6:])))
    async with asyncio.timeout(5):
        await two.wait()
    await asyncio.sleep(0.05)
    assert influxdb.written == [sent[:2], sent[2:4]]
    go_on.set()
    assert await writing == []
    assert most == 2
    assert sorted(line for each in influxdb.written for line in each) == sorted(sent)


async def test_bad_lines_of_every_slice_are_told_by_their_place_among_all(
    influxdb: ScriptedInfluxDb, server: Server
) -> None:
    influxdb.answer = refuses(422, "partial write: field type conflict: dropped=1")
    sent = lines(20, 1, 12)
    refused = await writer(server).write_slices(TARGET, slices(sent[:8], sent[8:15], sent[15:]))
    assert [line.index for line in refused] == [1, 12]


async def test_when_a_slice_fails_what_is_under_way_is_waited_for(influxdb: ScriptedInfluxDb, server: Server) -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        if "bad" not in influxdb.written[-1]:
            arrived.set()
            await go_on.wait()

    influxdb.holds = hold
    influxdb.answer = refuses(503, "busy")
    sent = lines(20, 0)
    writing = asyncio.create_task(writer(server).write_slices(TARGET, slices(sent[:10], sent[10:])))
    async with asyncio.timeout(5):
        await arrived.wait()
    await asyncio.sleep(0.1)
    assert not writing.done()
    go_on.set()
    with pytest.raises(StoreUnavailableError, match="busy"):
        await writing


@pytest.mark.parametrize(("answers", "status"), [(V1_ANSWERS, 400), (V2_ANSWERS, 400), (V2_ANSWERS, 422)])
@pytest.mark.parametrize("bad", [(0,), (63,), (17, 40), (5, 6)])
async def test_bad_lines_are_found_by_halving_and_told_with_the_reason(
    influxdb: ScriptedInfluxDb, server: Server, answers: WriteAnswers, status: int, bad: tuple[int, ...]
) -> None:
    influxdb.answer = refuses(status, MALFORMED)
    refused = await writer(server, answers).write(TARGET, lines(64, *bad))
    assert refused == [RefusedLine(at, RefusalKey.MALFORMED, MALFORMED) for at in bad]
    assert len(influxdb.requests) <= 1 + 2 * 6 * len(bad)


async def test_all_good_lines_are_in_a_request_that_was_taken(influxdb: ScriptedInfluxDb, server: Server) -> None:
    influxdb.answer = refuses(400, MALFORMED)
    sent = lines(100, 3, 50, 99)
    await writer(server).write(TARGET, sent)
    taken = [line for each in influxdb.written if "bad" not in each for line in each]
    assert sorted(taken) == sorted(line for line in sent if line != "bad")


async def test_a_bad_line_is_told_by_its_place_among_all(influxdb: ScriptedInfluxDb, server: Server) -> None:
    influxdb.answer = refuses(422, "partial write: field type conflict: float, not string dropped=1")
    (refused,) = await writer(server).write(TARGET, lines(5_010, 5_007))
    assert (refused.index, refused.key) == (5_007, RefusalKey.TYPE_CONFLICT)


@pytest.mark.parametrize(("answers", "status"), [(V1_ANSWERS, 400), (V2_ANSWERS, 422)])
async def test_a_batch_that_is_all_too_old_is_not_halved(
    influxdb: ScriptedInfluxDb, server: Server, answers: WriteAnswers, status: int
) -> None:
    message = "partial write: points beyond retention policy dropped=100"
    influxdb.answer = lambda *_: web.json_response({"error": message}, status=status)
    refused = await writer(server, answers).write(TARGET, lines(100))
    assert refused == [RefusedLine(at, RefusalKey.BEYOND_RETENTION, message) for at in range(100)]
    assert len(influxdb.requests) == 1


async def test_a_batch_that_is_too_old_in_part_is_halved(influxdb: ScriptedInfluxDb, server: Server) -> None:
    def answer(_: web.Request, body: bytes) -> web.StreamResponse:
        old = body.decode().split("\n").count("bad")
        message = f"partial write: points beyond retention policy dropped={old}"
        return web.json_response({"message": message}, status=422) if old else web.Response(status=204)

    influxdb.answer = answer
    refused = await writer(server).write(TARGET, lines(16, *range(8)))
    assert [(line.index, line.key) for line in refused] == [(at, RefusalKey.BEYOND_RETENTION) for at in range(8)]
    assert len(influxdb.requests) == 3


async def test_a_body_that_is_too_large_goes_in_parts(influxdb: ScriptedInfluxDb, server: Server) -> None:
    influxdb.answer = lambda _, body: web.Response(status=413 if len(body) > 200 else 204, text="too large")
    sent = lines(40)
    assert await writer(server).write(TARGET, sent) == []
    taken = [each for each in influxdb.written if len("\n".join(each)) <= 200]
    assert [line for each in taken for line in each] == sent


async def test_a_line_that_is_too_large_by_itself_is_refused(influxdb: ScriptedInfluxDb, server: Server) -> None:
    influxdb.answer = lambda _, body: web.Response(status=413 if len(body) > 70_000 else 204, text="too large")
    sent = [*lines(4), "x" * 70_001, *lines(4)]
    refused = await writer(server).write(TARGET, sent, may_repeat=always)
    assert refused == [RefusedLine(4, RefusalKey.TOO_LARGE, "too large")]


async def test_a_limit_that_a_small_line_meets_is_the_servers_fault(influxdb: ScriptedInfluxDb, server: Server) -> None:
    influxdb.answer = lambda _, body: web.Response(status=413 if len(body) > 200 else 204, text="nginx: too large")
    with pytest.raises(WritesRefusedError, match="413 to a write: nginx: too large"):
        await writer(server).write(TARGET, [*lines(4), "x" * 300], may_repeat=always)


def says(status: int, text: str) -> Callable[[web.Request, bytes], web.StreamResponse]:
    return lambda *_: web.Response(status=status, text=text)


@pytest.mark.parametrize(
    ("answers", "status", "body", "quoted"),
    [
        (V1_ANSWERS, 400, "Client sent an HTTP request to an HTTPS server.", "HTTPS server"),
        (V2_ANSWERS, 400, "<html><body><h1>400 Bad Request</h1>nginx</body></html>", "400 Bad Request nginx"),
        (V2_ANSWERS, 422, '{"message":"no"}', "no"),
        (V1_ANSWERS, 400, '{"error":"partial write: max-series-per-database limit exceeded: (5) dropped=4"}', "(5)"),
    ],
)
async def test_a_server_that_refuses_everything_keeps_every_line_waiting_and_is_quoted(
    influxdb: ScriptedInfluxDb, server: Server, answers: WriteAnswers, status: int, body: str, quoted: str
) -> None:
    under_test = writer(server, answers)
    with_nothing_accepted = writer(server, answers)
    await under_test.write(TARGET, lines(3), may_repeat=always)
    influxdb.answer = says(status, body)
    for each in (under_test, with_nothing_accepted):
        with pytest.raises(WritesRefusedError, match=re.escape(quoted)) as caught:
            await each.write(TARGET, lines(64), may_repeat=always)
        assert isinstance(caught.value, StoreUnavailableError), "it is tried again"
    assert len(influxdb.requests) <= 1 + 2 + 1


async def test_a_refusal_of_an_unknown_form_is_the_lines_where_one_that_was_accepted_is_accepted_again(
    influxdb: ScriptedInfluxDb, server: Server
) -> None:
    under_test = writer(server)
    await under_test.write(TARGET, ["m,t=x f=9.0 9"], may_repeat=always)
    influxdb.answer = refuses(400, "the moon is full")
    refused = await under_test.write(TARGET, lines(64, 17, 40))
    assert refused == [RefusedLine(at, RefusalKey.OTHER, "the moon is full") for at in (17, 40)]
    taken = {line for each in influxdb.written if "bad" not in each for line in each}
    assert taken == {*lines(64, 17, 40), "m,t=x f=9.0 9"} - {"bad"}


async def test_no_line_is_blamed_where_the_server_begins_to_refuse_everything_during_the_halving(
    influxdb: ScriptedInfluxDb, server: Server
) -> None:
    under_test = writer(server)
    await under_test.write(TARGET, lines(1), may_repeat=always)
    for after in range(2, 14):
        begin = len(influxdb.requests)
        one_is_bad = refuses(400, "the moon is full")

        def answer(
            request: web.Request,
            body: bytes,
            begin: int = begin,
            after: int = after,
            one_is_bad: Callable[[web.Request, bytes], web.StreamResponse] = one_is_bad,
        ) -> web.StreamResponse:
            is_down = len(influxdb.requests) - begin > after
            return web.Response(status=400, text="HTTPS") if is_down else one_is_bad(request, body)

        influxdb.answer = answer
        try:
            refused = await under_test.write(TARGET, lines(16, 5))
        except WritesRefusedError:
            continue
        assert [line.index for line in refused] == [5]


async def test_a_single_line_is_not_blamed_where_the_server_recovers_before_the_probe(
    influxdb: ScriptedInfluxDb, server: Server
) -> None:
    batches = writer(server)
    await batches.write(TARGET, ["m f=1.0 0"], may_repeat=always)
    refused = iter([web.Response(status=400, text="Client sent an HTTP request to an HTTPS server.")])
    influxdb.answer = lambda *_: next(refused, None) or web.Response(status=204)
    assert await batches.write(TARGET, ["m f=1.0 1"]) == []
    assert [body for _, body in influxdb.requests[1:]] == [b"m f=1.0 1", b"m f=1.0 0", b"m f=1.0 1"]


@pytest.mark.parametrize("said", [204, 422])
async def test_a_probe_that_the_server_judges_shows_that_it_judges_lines(
    influxdb: ScriptedInfluxDb, server: Server, said: int
) -> None:
    under_test = writer(server)
    await under_test.write(TARGET, ["old"], may_repeat=always)

    def answer(_: web.Request, body: bytes) -> web.StreamResponse:
        if body == b"old":
            return web.json_response(
                {"message": "partial write: points beyond retention policy dropped=1"}, status=said
            )
        return web.Response(status=400, text="?") if b"bad" in body else web.Response(status=204)

    influxdb.answer = answer
    assert [line.index for line in await under_test.write(TARGET, lines(4, 2))] == [2]


async def test_a_line_that_another_may_replace_is_never_written_again(
    influxdb: ScriptedInfluxDb, server: Server
) -> None:
    under_test = writer(server)
    await under_test.write(TARGET, ["a", "b", "c"], may_repeat=lambda at: at == 1)
    await under_test.write(TARGET, ["d"])
    influxdb.answer = says(400, "?")
    with pytest.raises(WritesRefusedError):
        await under_test.write(TARGET, ["e"])
    assert influxdb.written[2:] == [["e"], ["b"]]


@pytest.mark.parametrize(("told", "wait_s"), [("7", 7.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), (None, None)])
@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 418, 302])
async def test_an_overload_asks_for_a_later_try(
    influxdb: ScriptedInfluxDb, server: Server, status: int, told: str | None, wait_s: float | None
) -> None:
    headers = {"Retry-After": told} if told else {}
    influxdb.answer = lambda *_: web.json_response({"message": "busy"}, status=status, headers=headers)
    with pytest.raises(StoreUnavailableError, match=f"{status} to a write: busy") as caught:
        await writer(server).write(TARGET, lines(3))
    assert caught.value.retry_after_s == wait_s
    assert len(influxdb.requests) == 1


@pytest.mark.parametrize(
    ("status", "advice"),
    [(401, "INFLUXDB_WRITE_TOKEN"), (403, "the token may not write to bucket b"), (404, "bucket b does not exist")],
)
async def test_what_a_person_must_mend_is_told_with_advice(
    influxdb: ScriptedInfluxDb, server: Server, status: int, advice: str
) -> None:
    influxdb.answer = lambda *_: web.json_response({"message": "no"}, status=status)
    with pytest.raises(StoreRefusedError, match=re.escape(advice)) as caught:
        await writer(server).write(TARGET, lines(3))
    assert "(no)" in caught.value.message
    assert "secret" not in caught.value.message
    assert len(influxdb.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307])
async def test_a_redirected_write_is_not_taken_for_written(
    influxdb: ScriptedInfluxDb, server: Server, status: int
) -> None:
    influxdb.answer = lambda request, _: (
        web.Response(status=status, headers={"Location": "/login"})
        if request.path == TARGET.path
        else web.Response(text="please log in")
    )
    with pytest.raises(StoreUnavailableError, match=f"answered {status} to a write"):
        await writer(server).write(TARGET, lines(3))


async def test_422_means_bad_lines_on_2_x_alone(influxdb: ScriptedInfluxDb, server: Server) -> None:
    influxdb.answer = lambda *_: web.Response(status=422, text="?")
    with pytest.raises(StoreUnavailableError):
        await writer(server, V1_ANSWERS).write(TARGET, lines(2))


async def test_an_overload_in_the_midst_of_the_halving_asks_for_a_later_try(
    influxdb: ScriptedInfluxDb, server: Server
) -> None:
    influxdb.answer = lambda *_: web.Response(
        status=400 if len(influxdb.requests) < 3 else 503, text="unable to parse 'bad': missing fields"
    )
    with pytest.raises(StoreUnavailableError):
        await writer(server).write(TARGET, lines(8))
    assert len(influxdb.requests) == 3


async def test_a_server_that_is_away_is_told() -> None:
    away = Server(InfluxSettings(url="http://127.0.0.1:9"))
    with pytest.raises(StoreUnavailableError, match=r"http://127\.0\.0\.1:9 did not answer"):
        await writer(away).write(TARGET, lines(1))
    await away.close()


async def test_a_server_that_is_silent_is_given_up_after_the_timeout_of_writes(
    influxdb: ScriptedInfluxDb, server: Server
) -> None:
    released = asyncio.Event()

    async def wait() -> None:
        await released.wait()

    influxdb.holds = wait
    with pytest.raises(StoreUnavailableError, match="no answer within the timeout"):
        await writer(server, timeout_s=0.1).write(TARGET, lines(1))
    released.set()


async def test_a_connection_that_breaks_is_told(influxdb: ScriptedInfluxDb, server: Server) -> None:
    def break_it(request: web.Request, _: bytes) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response(status=204)

    influxdb.answer = break_it
    with pytest.raises(StoreUnavailableError, match="did not answer"):
        await writer(server).write(TARGET, lines(1))


async def test_a_large_body_is_packed_and_taken_too(influxdb: ScriptedInfluxDb, server: Server) -> None:
    sent = [f'm f="{"x" * 1_000}" {at}' for at in range(200)]
    assert await writer(server).write(TARGET, sent) == []
    assert influxdb.written == [sent]


async def test_a_text_that_no_server_accepts_is_refused_alone(influxdb: ScriptedInfluxDb, server: Server) -> None:
    many = lines(2_000)
    many[700] = f'm f="{"x" * CAPABILITIES.max_text_bytes}" 1'
    influxdb.answer = refuses(422, 'input field "f" on measurement "m" is too long, 2 > 1', bad=many[700])
    refused = await writer(server).write(TARGET, many)
    assert [(line.index, line.key) for line in refused] == [(700, RefusalKey.TOO_LARGE)]
    assert sorted(len(written) for written in influxdb.written) == [1, 700, 1_299]


async def test_a_bounded_writer_sends_nothing_when_nothing_is_left_and_not_for_longer_than_is(
    influxdb: ScriptedInfluxDb, server: Server
) -> None:
    def nothing() -> float:
        raise StoreUnavailableError("the lease was lost")

    with pytest.raises(StoreUnavailableError, match="the lease was lost"):
        await writer(server).within(nothing).write(TARGET, ["m f=1 1"])
    assert influxdb.requests == []
    influxdb.holds = asyncio.Event().wait  # type: ignore[assignment]
    with pytest.raises(StoreUnavailableError, match="did not answer"):
        await writer(server).within(lambda: 0.05).write(TARGET, ["m f=1 1"])
