"""Lines over real HTTP: what becomes of each, whatever the server answers."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import web
from ha_ingestor_core.errors import StoreRefusedError, StoreUnavailableError
from ha_ingestor_store.influx.batch_writer import BatchWriter, RefusedLine, WriteTarget
from ha_ingestor_store.influx.server import Server
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.write_answers import V2_ANSWERS, RefusalKey

Answers = Callable[[list[str]], web.Response]

TARGET = WriteTarget(
    path="/api/v2/write", params={"bucket": "b"}, headers={"Authorization": "Token t"}, name="bucket b"
)


class Scripted:
    """A server that answers each write as it is told, and keeps the lines of those that it takes."""

    def __init__(self) -> None:
        self.answer: Answers = lambda lines: web.Response(status=204)
        self.requests: list[list[str]] = []
        self.taken: set[str] = set()

    async def handle(self, request: web.Request) -> web.Response:
        assert request.headers["Content-Encoding"] == "gzip"
        assert request.headers["Authorization"] == "Token t"
        body = await request.read()
        lines = (gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body).decode().split("\n")
        self.requests.append(lines)
        response = self.answer(lines)
        if response.status == 204:
            self.taken |= set(lines)
        return response


@pytest.fixture
def scripted() -> Scripted:
    return Scripted()


@pytest.fixture
async def writer(scripted: Scripted) -> AsyncIterator[BatchWriter]:
    app = web.Application()
    app.router.add_post("/api/v2/write", scripted.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server = Server(InfluxSettings(url=f"http://127.0.0.1:{runner.addresses[0][1]}"))
    yield BatchWriter(server, V2_ANSWERS, timeout_s=5)
    await server.close()
    await runner.cleanup()


LINES = [f"m v={n} {n}" for n in range(20)]


def refuse(status: int, bad: set[str], message: str) -> Answers:
    """A server that refuses a request which holds a bad line."""
    return lambda lines: web.json_response({"message": message}, status=status if bad & set(lines) else 204)


@pytest.mark.parametrize("status", [400, 422])
async def test_bad_lines_are_found_and_all_others_written(scripted: Scripted, writer: BatchWriter, status: int) -> None:
    bad = {LINES[3], LINES[17]}
    scripted.answer = refuse(status, bad, "field type conflict")
    refused = await writer.write(TARGET, LINES)
    assert refused == [RefusedLine(n, RefusalKey.TYPE_CONFLICT, "field type conflict") for n in (3, 17)]
    assert scripted.taken == set(LINES) - bad


async def test_a_batch_beyond_retention_is_asked_once(scripted: Scripted, writer: BatchWriter) -> None:
    scripted.answer = refuse(422, set(LINES), "partial write: points beyond retention policy dropped=20")
    refused = await writer.write(TARGET, LINES)
    assert [line.index for line in refused] == list(range(20))
    assert len(scripted.requests) == 1


async def test_what_is_too_large_is_divided_and_a_line_alone_refused(scripted: Scripted, writer: BatchWriter) -> None:
    scripted.answer = lambda lines: web.Response(status=413 if len(lines) > 6 or "m v=9 9" in lines else 204)
    refused = await writer.write(TARGET, LINES)
    assert [(line.index, line.key) for line in refused] == [(9, RefusalKey.TOO_LARGE)]
    assert scripted.taken == set(LINES) - {"m v=9 9"}


async def test_five_thousand_lines_are_the_most_at_once(scripted: Scripted, writer: BatchWriter) -> None:
    lines = [f"m v={n} {n}" for n in range(10_001)]
    assert await writer.write(TARGET, lines) == []
    assert [len(request) for request in scripted.requests] == [5000, 5000, 1]


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_an_overload_says_when_to_come_again(scripted: Scripted, writer: BatchWriter, status: int) -> None:
    scripted.answer = lambda lines: web.Response(status=status, headers={"Retry-After": "7"}, text="busy")
    with pytest.raises(StoreUnavailableError, match="busy") as raised:
        await writer.write(TARGET, LINES)
    assert raised.value.retry_after_s == 7


@pytest.mark.parametrize(
    ("status", "advice"), [(401, "INFLUXDB_WRITE_TOKEN"), (403, "may not write"), (404, "does not exist")]
)
async def test_what_a_person_must_mend_says_so(
    scripted: Scripted, writer: BatchWriter, status: int, advice: str
) -> None:
    scripted.answer = lambda lines: web.Response(status=status)
    with pytest.raises(StoreRefusedError, match=advice):
        await writer.write(TARGET, LINES)


async def test_a_server_that_is_away_is_unavailable() -> None:
    server = Server(InfluxSettings(url="http://127.0.0.1:9"))
    with pytest.raises(StoreUnavailableError, match="did not answer"):
        await BatchWriter(server, V2_ANSWERS, timeout_s=1).write(TARGET, LINES)
    await server.close()
