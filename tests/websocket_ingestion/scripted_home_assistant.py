"""A scripted Home Assistant on a loopback socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

Message = dict[str, Any]


class ScriptedHomeAssistant:
    """Speaks Home Assistant's protocol as far as the tests need it, with messages set by the tests."""

    token = "the-token"
    url = ""

    def __init__(self) -> None:
        self.states: Any = []
        self.results: dict[str, Any] = {
            "config/entity_registry/list": [],
            "config/device_registry/list": [],
            "config/area_registry/list": [],
            "config/floor_registry/list": [],
            "config/label_registry/list": [],
        }
        self.first_events: dict[str, Any] = {}
        self.refusals: dict[str, str] = {}
        self.refuse: Callable[[Message], str | None] = lambda _: None
        self.allowed_event_types: set[str] | None = None
        self.ignored: set[str] = set()
        self.hangs_on: set[str] = set()
        self.released = asyncio.Event()
        self.commands: list[Message] = []
        self.sockets: list[web.WebSocketResponse] = []
        self.subscription_id = 0
        self.logins: list[str] = []
        self.rest_tokens: list[str] = []
        self.refused = 0
        self.answers_with: int | None = None
        """The status of every request, as Home Assistant answers a banned address."""
        app = web.Application(middlewares=[self._refuse_all])
        app.router.add_get("/api/websocket", self._serve)
        app.router.add_get("/manifest.json", self._manifest)
        app.router.add_get("/api/", self._rest)
        self.server = TestServer(app)

    async def start(self) -> None:
        await self.server.start_server()
        self.url = str(self.server.make_url("")).rstrip("/")

    def commands_of(self, kind: str) -> list[Message]:
        return [command for command in self.commands if command["type"] == kind]

    def event(self, event_type: str = "a_test", **data: Any) -> Message:
        body = {"event_type": event_type, "data": data, "origin": "LOCAL", "time_fired": "2026-11-24T08:00:00+00:00"}
        return {"type": "event", "event": body, "id": self.subscription_id}

    async def send(self, *messages: Message) -> None:
        """Send one message, or several in one coalesced frame."""
        await self.send_text(json.dumps(messages[0] if len(messages) == 1 else list(messages)))

    async def send_text(self, text: str) -> None:
        await self.sockets[-1].send_str(text)

    async def send_bytes(self, data: bytes, kind: WSMsgType = WSMsgType.BINARY) -> None:
        await self.sockets[-1].send_frame(data, kind)

    async def drop(self) -> None:
        await self.sockets[-1].close()

    @web.middleware
    async def _refuse_all(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if self.answers_with is not None:
            self.refused += 1
            return web.Response(status=self.answers_with)
        return await handler(request)

    async def _rest(self, request: web.Request) -> web.Response:
        self.rest_tokens.append(request.headers["Authorization"])
        return web.json_response({"message": "API running."})

    async def _manifest(self, _: web.Request) -> web.Response:
        return web.json_response({})

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "auth_required", "ha_version": "2024.3.3"})
        login = await socket.receive_json()
        self.logins.append(login["access_token"])
        if login != {"type": "auth", "access_token": self.token}:
            await socket.send_json({"type": "auth_invalid", "message": "Invalid access token or password"})
            await socket.close()
            return socket
        await socket.send_json({"type": "auth_ok", "ha_version": "2024.3.3"})
        self.sockets.append(socket)
        async for frame in socket:
            await self._answer(socket, json.loads(frame.data))
        return socket

    async def _answer(self, socket: web.WebSocketResponse, command: Message) -> None:
        self.commands.append(command)
        kind = command["type"]
        if kind in self.ignored:
            return
        if kind in self.hangs_on:
            await self.released.wait()
        if kind == "ping":
            await socket.send_json({"id": command["id"], "type": "pong"})
            return
        code = self.refusals.get(kind) or self.refuse(command)
        if kind == "subscribe_events":
            if self.allowed_event_types is not None and command.get("event_type") not in self.allowed_event_types:
                code = "unauthorized"
            else:
                self.subscription_id = command["id"]
        answer = {"id": command["id"], "type": "result", "success": code is None}
        if code is None:
            result = self.states if kind == "get_states" else self.results.get(kind)
            answer["result"] = result(command) if callable(result) else result
        else:
            answer["error"] = {"code": code, "message": f"no {kind} here"}
        await socket.send_json(answer)
        if code is None and kind in self.first_events:
            await socket.send_json({"id": command["id"], "type": "event", "event": self.first_events[kind]})
