"""Home Assistant's clock, as its answers tell it."""

from __future__ import annotations

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from websocket_ingestion.server_clock import ServerClock, http_date_ns


@pytest.mark.parametrize(
    ("text", "time_ns"),
    [("Tue, 24 Nov 2026 08:00:02 GMT", 1_795_507_202_000_000_000), ("", None), ("soon", None), ("24 Nov 2026", None)],
)
def test_an_http_date_is_a_time_or_nothing(text: str, time_ns: int | None) -> None:
    assert http_date_ns(text) == time_ns


async def test_every_answer_tells_the_time() -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(headers={"Date": "Tue, 24 Nov 2026 08:00:02 GMT"})

    app = web.Application()
    app.router.add_get("/", answer)
    clock = ServerClock()
    assert clock.time_ns is None
    async with TestServer(app) as server, aiohttp.ClientSession(trace_configs=[clock.trace]) as http:
        await http.get(server.make_url("/"))
    assert clock.time_ns == 1_795_507_202_000_000_000
