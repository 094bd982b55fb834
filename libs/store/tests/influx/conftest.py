"""An InfluxDB that answers as it is told, over real HTTP on a loopback socket."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from ha_ingestor_store.influx.server.http import Server
from ha_ingestor_store.influx.settings import InfluxSettings


class ScriptedInfluxDb:
    """Remembers every request with its unpacked body; `answer` says what comes back."""

    def __init__(self) -> None:
        self.requests: list[tuple[web.Request, bytes]] = []
        self.answer: Callable[[web.Request, bytes], web.StreamResponse] = lambda *_: web.Response(status=204)
        self.holds: Callable[[], Awaitable[None]] | None = None
        self.url = ""
        app = web.Application(client_max_size=1 << 30)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._server = TestServer(app)

    async def start(self) -> None:
        await self._server.start_server()
        self.url = str(self._server.make_url("")).rstrip("/")

    async def stop(self) -> None:
        await self._server.close()

    @property
    def written(self) -> list[list[str]]:
        """The lines of every write."""
        return [body.decode().split("\n") for request, body in self.requests if request.path.endswith("write")]

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()  # aiohttp unpacks what says it is packed
        if body[:2] == b"\x1f\x8b":
            body = gzip.decompress(body)
        self.requests.append((request, body))
        if self.holds:
            await self.holds()
        return self.answer(request, body)


@pytest.fixture
async def influxdb() -> AsyncIterator[ScriptedInfluxDb]:
    scripted = ScriptedInfluxDb()
    await scripted.start()
    yield scripted
    await scripted.stop()


@pytest.fixture
async def server(influxdb: ScriptedInfluxDb) -> AsyncIterator[Server]:
    under_test = Server(InfluxSettings(url=influxdb.url, timeout_s=5))
    yield under_test
    await under_test.close()
