"""The server in an existing event loop, on a real socket."""

from __future__ import annotations

import asyncio
import contextlib
import logging

import pytest
from admin_api.http.server import HttpServer
from ha_ingestor_core.http.bounded_listener import ConnectionLimits
from starlette.types import Receive, Scope, Send

HALF_A_HEAD = b"GET / HTTP/1.1\r\nX: "
HALF_A_BODY = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"


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


async def test_requests_in_flight_complete_after_the_listener_is_closed() -> None:
    begun, may_answer = asyncio.Event(), asyncio.Event()

    async def waits(scope: Scope, receive: Receive, send: Send) -> None:
        begun.set()
        await may_answer.wait()
        await _answers(scope, receive, send)

    server = HttpServer(waits, host="127.0.0.1", port=0, grace_s=60)
    await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await asyncio.wait_for(begun.wait(), 5)
    server.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", server.port)
    stopping = asyncio.create_task(server.stop())
    may_answer.set()
    assert (await asyncio.wait_for(reader.read(), 5)).endswith(b"ok")
    await stopping
    writer.close()


async def test_an_error_of_a_request_is_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
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


async def _answers(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


async def test_half_a_request_head_has_a_deadline_after_an_answer_too() -> None:
    limits = ConnectionLimits(total=2, per_address=2, request_s=0.3)
    server = HttpServer(_answers, host="127.0.0.1", port=0, limits=limits)
    await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await asyncio.wait_for(reader.readuntil(b"ok"), 10)
    writer.write(b"GET / HTTP/1.1\r\nHost: ")
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), 10) == b""
    writer.close()
    await server.stop()


@pytest.mark.parametrize("head", [b"GET / HTTP/1.1\r\nX: ", b"GET /"], ids=["header", "path"])
@pytest.mark.parametrize("before", [b"", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"], ids=["first", "second"])
async def test_a_request_head_without_end_is_not_kept(before: bytes, head: bytes) -> None:
    server = HttpServer(_answers, host="127.0.0.1", port=0)
    await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    if before:
        writer.write(before)
        await asyncio.wait_for(reader.readuntil(b"ok"), 10)
    writer.write(head + b"x" * 1_000_000)
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), 10) == b""
    writer.close()
    await server.stop()


async def test_trailers_without_end_are_not_kept_either() -> None:
    server = HttpServer(_answers, host="127.0.0.1", port=0)
    await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX: ")
    await asyncio.wait_for(reader.readuntil(b"ok"), 10)
    writer.write(b"x" * 1_000_000)
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), 10) == b""
    writer.close()
    await server.stop()


async def test_an_unread_body_is_no_incomplete_head() -> None:
    server = HttpServer(_answers, host="127.0.0.1", port=0)
    await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
    await asyncio.wait_for(reader.readuntil(b"ok"), 10)
    writer.write(b"x" * 1_000_000 + b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    await asyncio.wait_for(reader.readuntil(b"ok"), 10)
    writer.close()
    await server.stop()


@pytest.mark.parametrize("start", [HALF_A_HEAD, HALF_A_BODY], ids=["head", "body"])
async def test_a_half_sent_request_makes_room_for_a_whole_one(start: bytes) -> None:
    async def reads(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        await _answers(scope, receive, send)

    limits = ConnectionLimits(total=1, per_address=1)
    server = HttpServer(reads, host="127.0.0.1", port=0, limits=limits)
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


async def test_an_upgrade_to_a_websocket_is_answered_as_a_request() -> None:
    server = HttpServer(_answers, host="127.0.0.1", port=0)
    await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    upgrade = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n"
    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n" + upgrade + b"\r\n")
    assert b"200 OK" in await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    await server.stop()
