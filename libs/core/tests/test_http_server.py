"""Where a service listens."""

from __future__ import annotations

import aiohttp
import pytest
from aiohttp import web
from ha_ingestor_core.errors import TerminalError
from ha_ingestor_core.http_server import HttpServer


async def test_any_free_port_is_known_once_it_listens_and_free_again_after() -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="here")

    app = web.Application()
    app.router.add_get("/", answer)
    server = HttpServer(app, host="127.0.0.1", port=0, setting="A_PORT")
    await server.start()
    async with aiohttp.ClientSession() as session, session.get(server.url) as response:
        assert await response.text() == "here"
    await server.stop()
    again = HttpServer(web.Application(), host="127.0.0.1", port=server.port, setting="A_PORT")
    await again.start()
    await again.stop()


async def test_a_port_that_is_taken_is_a_terminal_error_that_names_its_setting() -> None:
    first = HttpServer(web.Application(), host="127.0.0.1", port=0, setting="A_PORT")
    await first.start()
    second = HttpServer(web.Application(), host="127.0.0.1", port=first.port, setting="A_PORT")
    with pytest.raises(TerminalError, match="A_PORT should be free"):
        await second.start()
    await first.stop()
