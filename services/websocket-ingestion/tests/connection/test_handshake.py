"""Opening a WebSocket: each reason for which it fails has an error of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from websocket_ingestion.connection.handshake import open_socket
from websocket_ingestion.connection.socket import SocketTiming
from websocket_ingestion.errors import AuthInvalidError, ConnectionLostError, HomeAssistantUnreachableError


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_a_wrong_token_is_no_lost_connection(http: aiohttp.ClientSession, home_assistant: Any) -> None:
    with pytest.raises(AuthInvalidError, match="Invalid access token or password"):
        await open_socket(http, home_assistant.url, "another")


async def test_an_address_without_home_assistant_says_what_answered(http: aiohttp.ClientSession) -> None:
    async with TestServer(web.Application()) as server:
        with pytest.raises(HomeAssistantUnreachableError, match="/api/websocket answered 404"):
            await open_socket(http, str(server.make_url("")).rstrip("/"), "token")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://", "http://no.such.host.invalid", "http://[::1"])
async def test_an_address_without_an_answer_is_unreachable(http: aiohttp.ClientSession, url: str) -> None:
    with pytest.raises(HomeAssistantUnreachableError):
        await open_socket(http, url, "token", SocketTiming(login_s=2))


async def test_a_server_that_never_begins_the_login_is_given_up(http: aiohttp.ClientSession) -> None:
    async def silent(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.receive()
        return socket

    app = web.Application()
    app.router.add_get("/api/websocket", silent)
    async with TestServer(app) as server:
        with pytest.raises(ConnectionLostError, match="did not answer the login in time"):
            await open_socket(http, str(server.make_url("")).rstrip("/"), "token", SocketTiming(login_s=1.0))
