"""The server inside our own event loop, on a real socket."""

from __future__ import annotations

import asyncio
import logging

import pytest
from admin_api.server import HttpServer
from starlette.types import Receive, Scope, Send


async def test_requests_that_a_stop_ends_are_no_tracebacks(caplog: pytest.LogCaptureFixture) -> None:
    begun = asyncio.Event()

    async def hangs(scope: Scope, receive: Receive, send: Send) -> None:
        begun.set()
        await asyncio.Event().wait()

    server = HttpServer(hangs, host="127.0.0.1", port=0)
    await server.start()
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await asyncio.wait_for(begun.wait(), 5)
    with caplog.at_level(logging.INFO):
        await server.stop()
    writer.close()
    assert [record.message for record in caplog.records if record.exc_info] == []


async def test_what_fails_by_itself_is_one(caplog: pytest.LogCaptureFixture) -> None:
    async def fails(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError("broken")

    server = HttpServer(fails, host="127.0.0.1", port=0)
    await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    await asyncio.wait_for(reader.read(), 5)
    await server.stop()
    writer.close()
    assert any(record.exc_info for record in caplog.records)
