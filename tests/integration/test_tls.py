"""TLS with a private authority: accepted if it is configured, otherwise refused with the setting's name."""

from __future__ import annotations

import asyncio
import gc
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from admin_api.store.flux_api import open_client
from aiohttp import web
from dotenv import dotenv_values
from ha_ingestor.checkups.home_assistant import check_homes
from ha_ingestor.cli import app
from ha_ingestor.commands import init as init_command
from ha_ingestor.demo_home import DemoHome
from ha_ingestor_core.clock import SystemClock
from ha_ingestor_core.errors import StoreCertificateError
from ha_ingestor_core.settings.tls import Tls
from ha_ingestor_store.checkup import Status
from ha_ingestor_store.influx.checkup import check_influxdb
from ha_ingestor_store.influx.server.http import Server
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.store import InfluxStore
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.questions import RecentEvents
from ha_ingestor_store.time_range import DAY_NS, TimeRange
from pydantic import SecretStr
from typer.testing import CliRunner, Result
from websocket_ingestion.connection.capture import Home
from websocket_ingestion.connection.handshake import open_socket
from websocket_ingestion.errors import CertificateRefusedError

from tests.certificates import make_certificates
from tests.influxdb import InfluxDb1, InfluxDb2, require_influxdb

UNVERIFIED = Tls(verify=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed authority in ca.pem, and a certificate for 127.0.0.1."""
    return make_certificates(tmp_path_factory.mktemp("tls"))


@asynccontextmanager
async def serving(app: web.Application, folder: Path) -> AsyncIterator[str]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    try:
        yield f"https://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def home_behind_tls(folder: Path) -> AsyncIterator[tuple[str, str]]:
    """The address of a TLS proxy in front of a demo home, and its token."""
    demo = DemoHome(history_hours=0.01)
    await demo.start()

    async def relay(request: web.Request) -> web.StreamResponse:
        async with aiohttp.ClientSession() as http:
            if request.headers.get("Upgrade") != "websocket":
                async with http.get(demo.url + request.path) as answer:
                    return web.Response(status=answer.status, body=await answer.read())
            front = web.WebSocketResponse(max_msg_size=0)
            await front.prepare(request)
            async with http.ws_connect(demo.url + request.path, max_msg_size=0) as back:
                await asyncio.gather(pumped(front, back), pumped(back, front))
            return front

    async def pumped(source: Any, target: Any) -> None:
        async for message in source:
            await target.send_str(message.data)
        await target.close()

    app = web.Application()
    app.router.add_get("/{path:.*}", relay)
    try:
        async with serving(app, folder) as url:
            yield url, demo.token
    finally:
        await demo.stop()


def influxdb() -> web.Application:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=204, headers={"X-Influxdb-Version": "v2.7.12"})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    return app


async def test_home_assistant_is_reached_by_an_authority_that_is_named(folder: Path, tmp_path: Path) -> None:
    async with home_behind_tls(folder) as (url, token):
        for tls in (Tls(folder / "ca.pem"), UNVERIFIED):
            home = Home("home", url, SecretStr(token), tls=tls)
            found = [each async for each in check_homes([home], data_dir=tmp_path, clock=SystemClock())]
            assert {each.status for each in found[:2]} == {Status.GOOD}


async def test_a_certificate_that_home_assistant_refuses_is_an_error_of_its_own(folder: Path, tmp_path: Path) -> None:
    async with home_behind_tls(folder) as (url, token):
        async with aiohttp.ClientSession() as http:
            with pytest.raises(CertificateRefusedError, match="HA_CA_FILE_CABIN"):
                await open_socket(http, url, token, ca_setting="HA_CA_FILE_CABIN")
        home = Home("home", url, SecretStr(token))
        found = [each async for each in check_homes([home], data_dir=tmp_path, clock=SystemClock())]
        assert found[0].status is Status.PROBLEM
        assert "is not trusted: " in found[0].message
        assert "HA_CA_FILE" in found[0].advice


async def test_a_name_that_the_certificate_lacks_is_told_as_that(folder: Path) -> None:
    async with home_behind_tls(folder) as (url, token):
        connector = Tls(folder / "ca.pem").connector()
        async with aiohttp.ClientSession(connector=connector) as http:
            with pytest.raises(CertificateRefusedError, match=r"(?i)hostname mismatch"):
                await open_socket(http, url.replace("127.0.0.1", "localhost"), token)


async def test_influxdb_is_reached_by_every_client_of_ours(folder: Path) -> None:
    async with serving(influxdb(), folder) as url:
        for tls in (Tls(folder / "ca.pem"), UNVERIFIED):
            settings = InfluxSettings(url, "token", tls=tls)
            server, client = Server(settings), open_client(settings)
            try:
                assert (await server.version()).major == 2
                assert await client.ping()
            finally:
                await server.close()
                await client.close()  # type: ignore[no-untyped-call]


async def test_a_certificate_of_influxdb_that_is_refused_is_an_error_of_its_own(folder: Path) -> None:
    async with serving(influxdb(), folder) as url:
        settings = InfluxSettings(url, "token")
        server = Server(settings)
        try:
            with pytest.raises(StoreCertificateError, match="INFLUXDB_CA_FILE"):
                await server.ping()
        finally:
            await server.close()
        found = [each async for each in check_influxdb(settings, clock=SystemClock(), create=False)]
        assert found[0].status is Status.PROBLEM
        assert "INFLUXDB_CA_FILE" in found[0].message


@pytest.mark.influxdb
@pytest.mark.parametrize("kind", [InfluxDb1, InfluxDb2])
async def test_a_real_influxdb_with_a_certificate_of_its_own(
    kind: type[InfluxDb1] | type[InfluxDb2], folder: Path, tmp_path: Path
) -> None:
    if kind is InfluxDb1:
        require_influxdb()
    elif not os.environ.get("TEST_INFLUXD"):
        pytest.skip("TEST_INFLUXD names no influxd 2.x")
    server = kind(tmp_path, certificates=folder)
    server.start()
    try:
        settings = InfluxSettings(server.url, server.token, tls=Tls(folder / "ca.pem"))
        found = [each async for each in check_influxdb(settings, clock=SystemClock(), create=True)]
        assert [each for each in found if each.status is not Status.GOOD] == []
        store = InfluxStore(settings, writes_events=True, clock=SystemClock())
        try:
            now_ns = SystemClock().now_ns()
            await store.writer.write_events(
                [EventPoint("home", "state_changed", now_ns - 1, entity_id="sensor.a", state="1")]
            )
            recent = await store.reader.recent_events(RecentEvents(TimeRange(now_ns - DAY_NS, now_ns), limit=5))
            assert [event.state for event in recent.events] == ["1"]
        finally:
            await store.close()
        strict = InfluxStore(InfluxSettings(server.url, server.token), writes_events=False)
        try:
            with pytest.raises(StoreCertificateError, match="INFLUXDB_CA_FILE"):
                await strict.reader.ping()
        finally:
            await strict.close()
    finally:
        server.kill()


# --- ha-ingestor init

# aiohttp closes a TLS connection after the event loop of a command has ended.
ends_with_its_process = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The .env file of `init`, with a terminal that answers its questions line by line."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(init_command, "_is_terminal", lambda: True)
    return tmp_path / ".env"


async def init(*arguments: str, answers: list[str]) -> Result:
    given = "".join(f"{answer}\n" for answer in answers)
    result = await asyncio.to_thread(lambda: CliRunner().invoke(app, ["init", *arguments], given))
    gc.collect()  # so that unclosed resources of a command are warnings of this test
    return result


@ends_with_its_process
async def test_init_asks_for_the_authority_of_a_certificate(env: Path, folder: Path) -> None:
    async with home_behind_tls(folder) as (url, token):
        result = await init(answers=[url, token, "missing.pem", str(folder / "ca.pem")])
    assert result.exit_code == 0, result.output
    assert "certificate_refused: The certificate of" in result.output
    assert "missing.pem: No such file or directory" in result.output
    assert dotenv_values(env) == {"HA_URL": url, "HA_TOKEN": token, "HA_CA_FILE": str(folder / "ca.pem")}


@ends_with_its_process
async def test_init_takes_another_address_in_place_of_an_authority(env: Path, folder: Path) -> None:
    async with home_behind_tls(folder) as (url, token):
        result = await init(answers=[url, token, "", "http://127.0.0.1:1", url, str(folder / "ca.pem")])
    assert result.exit_code == 0, result.output
    assert dotenv_values(env)["HA_URL"] == url


@ends_with_its_process
async def test_init_accepts_any_certificate_by_an_option(env: Path, folder: Path) -> None:
    async with home_behind_tls(folder) as (url, token):
        result = await init("--no-verify-tls", answers=[url, token])
    assert result.exit_code == 0, result.output
    assert dotenv_values(env)["HA_VERIFY_TLS"] == "false"
