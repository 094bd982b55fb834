"""One server over HTTP: its version, its failures, and what is asked of it."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from ha_ingestor_core.errors import StoreRefusedError, StoreUnavailableError
from ha_ingestor_store.influx.server.http import Answer, Server, Version
from ha_ingestor_store.influx.settings import InfluxSettings

from libs.store.tests.influx.conftest import ScriptedInfluxDb


@pytest.mark.parametrize(("told", "major"), [("1.6.7~rc0", 1), ("v2.7.12", 2), ("1.12.2", 1), ("3.6.0", 3)])
async def test_a_server_tells_its_version(influxdb: ScriptedInfluxDb, server: Server, told: str, major: int) -> None:
    influxdb.answer = lambda *_: web.Response(status=204, headers={"X-Influxdb-Version": told})
    assert await server.version() == Version(major, told)
    assert influxdb.requests[0][0].path == "/ping"


@pytest.mark.parametrize("told", ["", "latest", "x1.2"])
async def test_what_tells_no_version_is_no_influxdb(influxdb: ScriptedInfluxDb, server: Server, told: str) -> None:
    influxdb.answer = lambda *_: web.Response(status=200, headers={"X-Influxdb-Version": told} if told else {})
    with pytest.raises(StoreRefusedError, match="is no InfluxDB: /ping answered 200 without a version"):
        await server.version()


async def test_a_server_that_is_starting_is_asked_again(influxdb: ScriptedInfluxDb, server: Server) -> None:
    influxdb.answer = lambda *_: web.Response(status=503)
    with pytest.raises(StoreUnavailableError, match="/ping answered 503"):
        await server.version()


async def test_a_question_goes_in_the_address_or_as_a_form(influxdb: ScriptedInfluxDb, server: Server) -> None:
    fields = {"q": 'SELECT "ä" & more = 1', "db": "d"}
    await server.query("GET", "/query", fields, {})
    await server.query("POST", "/query", fields, {"Authorization": "Token t"})
    (by_get, nothing), (by_post, form) = influxdb.requests
    assert dict(by_get.query) == fields
    assert nothing == b""
    assert dict(by_post.query) == {}
    assert form == b"q=SELECT+%22%C3%A4%22+%26+more+%3D+1&db=d"
    assert by_post.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert by_post.headers["Authorization"] == "Token t"


async def test_an_answer_of_any_status_is_returned(influxdb: ScriptedInfluxDb, server: Server) -> None:
    influxdb.answer = lambda *_: web.Response(status=500, text="oh")
    answer = await server.request("GET", "/anything")
    assert (answer.status, answer.body) == (500, b"oh")


async def test_no_answer_within_the_timeout_is_told(influxdb: ScriptedInfluxDb) -> None:
    released = asyncio.Event()

    async def wait() -> None:
        await released.wait()

    influxdb.holds = wait
    impatient = Server(InfluxSettings(url=influxdb.url, timeout_s=0.05))
    with pytest.raises(StoreUnavailableError, match="did not answer"):
        await impatient.request("GET", "/")
    released.set()
    await impatient.close()


async def test_a_closed_server_connects_again(influxdb: ScriptedInfluxDb, server: Server) -> None:
    await server.request("GET", "/")
    await server.close()
    await server.close()
    assert (await server.request("GET", "/")).status == 204


@pytest.mark.parametrize(
    ("told", "seconds"), [("30", 30.0), ("0", 0.0), ("-1", None), ("1e9", None), ("99999999", None), ("", None)]
)
def test_only_a_sane_number_of_seconds_is_waited_for(told: str, seconds: float | None) -> None:
    assert Answer(503, b"", {"Retry-After": told}).retry_after_s == seconds


@pytest.mark.parametrize(
    ("status", "error"), [(429, StoreUnavailableError), (500, StoreUnavailableError), (403, StoreRefusedError)]
)
def test_a_refused_request_is_an_error_of_ours(status: int, error: type[Exception]) -> None:
    server = Server(InfluxSettings(url="http://influx"))
    with pytest.raises(error, match=f"http://influx: creating it: {status} no"):
        server.raise_for(Answer(status, b'{"message":"no"}', {}), "creating it")


def test_a_good_answer_is_no_error() -> None:
    Server(InfluxSettings(url="http://influx")).raise_for(Answer(204, b"", {}), "creating it")


@pytest.mark.parametrize(("packs", "accepted"), [(True, "gzip"), (False, "identity")])
async def test_answers_are_compressed_where_writes_are(influxdb: ScriptedInfluxDb, packs: bool, accepted: str) -> None:
    server = Server(InfluxSettings(url=influxdb.url, packs=packs))
    await server.ping()
    await server.close()
    ((request, _),) = influxdb.requests
    assert accepted in request.headers["Accept-Encoding"]
