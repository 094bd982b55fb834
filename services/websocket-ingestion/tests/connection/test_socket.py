"""One live WebSocket: commands and their answers, and what closing it does to those who wait."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from websocket_ingestion.connection.handshake import open_socket
from websocket_ingestion.connection.protocol import Frame
from websocket_ingestion.connection.socket import SocketTiming
from websocket_ingestion.errors import (
    CommandRefusedError,
    ConnectionLostError,
)


class FakeSink:
    """Keeps frames, and is never full."""

    is_full = False

    def __init__(self) -> None:
        self.frames: list[Frame] = []

    def accept(self, frame: Frame) -> None:
        self.frames.append(frame)

    async def wait_for_room(self) -> None:
        raise AssertionError("nobody should wait")


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_a_command_gets_its_own_answer(http: aiohttp.ClientSession, home_assistant: Any) -> None:
    home_assistant.results["one"], home_assistant.results["two"] = 1, 2
    socket = await open_socket(http, home_assistant.url, home_assistant.token)
    reading = asyncio.create_task(socket.read(FakeSink()))
    one, two = await asyncio.gather(socket.command("one"), socket.command("two", field="value"))
    assert (bytes(one.result), bytes(two.result)) == (b"1", b"2")
    assert [command["id"] for command in home_assistant.commands] == [1, 2]
    assert home_assistant.commands[1]["field"] == "value"
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await socket.close()


async def test_a_refused_command_has_the_code(http: aiohttp.ClientSession, home_assistant: Any) -> None:
    home_assistant.refusals["one"] = "unauthorized"
    socket = await open_socket(http, home_assistant.url, home_assistant.token)
    reading = asyncio.create_task(socket.read(FakeSink()))
    with pytest.raises(CommandRefusedError, match=r"no one here \(unauthorized\)") as caught:
        await socket.command("one")
    assert caught.value.code == "unauthorized"
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await socket.close()


async def test_the_first_event_of_a_subscription_is_an_answer_and_ends_it(
    http: aiohttp.ClientSession, home_assistant: Any
) -> None:
    home_assistant.first_events["render_template"] = {"result": "7"}
    socket = await open_socket(http, home_assistant.url, home_assistant.token)
    sink = FakeSink()
    reading = asyncio.create_task(socket.read(sink))
    assert json.loads(bytes(await socket.first_event("render_template", template="t"))) == {"result": "7"}
    (ended,) = home_assistant.commands_of("unsubscribe_events")
    assert ended["subscription"] == home_assistant.commands_of("render_template")[0]["id"]
    assert not any(frame.events or frame.odd for frame in sink.frames)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await socket.close()


async def test_a_first_event_that_never_comes_is_a_refusal(http: aiohttp.ClientSession, home_assistant: Any) -> None:
    socket = await open_socket(http, home_assistant.url, home_assistant.token, SocketTiming(command_s=0.1))
    reading = asyncio.create_task(socket.read(FakeSink()))
    with pytest.raises(CommandRefusedError, match="timeout"):
        await socket.first_event("render_template", template="t")
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await socket.close()


async def test_the_end_of_a_connection_fails_every_waiter(
    http: aiohttp.ClientSession, home_assistant: Any, eventually: Any
) -> None:
    home_assistant.ignored = {"one", "two"}
    socket = await open_socket(http, home_assistant.url, home_assistant.token)
    waiters = [asyncio.create_task(socket.command(kind)) for kind in ("one", "two")]
    reading = asyncio.create_task(socket.read(FakeSink()))
    await eventually(lambda: len(home_assistant.commands) == 2)
    await home_assistant.drop()
    ends = await asyncio.gather(reading, *waiters, return_exceptions=True)
    assert [type(end) for end in ends] == [ConnectionLostError] * 3
    await socket.close()


async def test_closing_fails_every_waiter(http: aiohttp.ClientSession, home_assistant: Any, eventually: Any) -> None:
    home_assistant.ignored = {"one"}
    socket = await open_socket(http, home_assistant.url, home_assistant.token)
    waiter = asyncio.create_task(socket.command("one"))
    await eventually(lambda: home_assistant.commands)
    await socket.close()
    with pytest.raises(ConnectionLostError):
        await waiter


async def test_a_closed_connection_takes_no_command(http: aiohttp.ClientSession, home_assistant: Any) -> None:
    socket = await open_socket(http, home_assistant.url, home_assistant.token)
    await socket.close()
    with pytest.raises(ConnectionLostError):
        await socket.command("one")
