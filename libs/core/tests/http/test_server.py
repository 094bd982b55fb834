"""Where a service listens."""

from __future__ import annotations

import asyncio
import contextlib

import aiohttp
import pytest
from aiohttp import web
from ha_ingestor_core.errors import TerminalError
from ha_ingestor_core.http.bounded_listener import ConnectionLimits
from ha_ingestor_core.http.server import HttpServer

HALF_A_HEAD = b"GET / HTTP/1.1\r\nX: "
HALF_A_BODY = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"


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
    with pytest.raises(TerminalError, match="Set A_PORT to a free port"):
        await second.start()
    await first.stop()


@pytest.mark.parametrize("start", [HALF_A_HEAD, HALF_A_BODY], ids=["head", "body"])
async def test_a_half_sent_request_makes_room_for_a_whole_one(start: bytes) -> None:
    async def handle(request: web.Request) -> web.Response:
        return web.Response(body=await request.read() or b"ok")

    app = web.Application()
    app.router.add_route("*", "/", handle)
    limits = ConnectionLimits(total=1, per_address=1)
    server = HttpServer(app, host="127.0.0.1", port=0, setting="PORT", limits=limits)
    await server.start()
    half, half_writer = await asyncio.open_connection("127.0.0.1", server.port)
    half_writer.write(start)
    await asyncio.sleep(0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert (await asyncio.wait_for(reader.read(), 5)).endswith(b"ok")
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(half.read(), 5) == b""
    half_writer.close()
    writer.close()
    await server.stop()


async def test_half_a_request_head_has_a_deadline() -> None:
    limits = ConnectionLimits(total=2, per_address=2, request_s=0.2)
    server = HttpServer(web.Application(), host="127.0.0.1", port=0, setting="PORT", limits=limits)
    await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: ")
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()
    await server.stop()


async def test_a_request_that_is_no_http_is_answered_and_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    server = HttpServer(web.Application(), host="127.0.0.1", port=0, setting="PORT")
    await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    assert b" 400 " in await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    await server.stop()
    assert caplog.records == []
