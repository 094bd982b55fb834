"""One client of the simulated Home Assistant: login, commands, subscriptions and the send queue."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec
from aiohttp import WSMsgType, web
from ha_ingestor_core.tasks import supervised

from ha_ingestor.demo_home import messages
from ha_ingestor.demo_home.commands import CommandError, run_command
from ha_ingestor.demo_home.house import House

_AUTH_TIMEOUT_S = 10.0
_COALESCE_LIMIT = 4096


class Frame(bytes):
    """Text that must be sent as a separate frame."""


class Connection:
    """The server side of one WebSocket."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        house: House,
        token: str,
        *,
        refused_commands: set[str],
        max_pending: int | None,
        abort: Callable[[], None],
    ) -> None:
        self.abort = abort
        self._socket = socket
        self._house = house
        self._token = token
        self._refused_commands = refused_commands
        self._max_pending = max_pending
        self._queue: deque[bytes] = deque()
        self._filled = asyncio.Event()
        self._subscriptions: dict[int, str | None] = {}
        self._last_id = 0
        self._coalesces = False

    async def serve(self) -> None:
        """Authenticate, then answer commands until the client disconnects."""
        if not await self._log_in():
            return
        unlisten = self._house.listen(self._on_event)
        writer = supervised(self._write, name="demo-home writer", restart=False)
        try:
            async for message in self._socket:
                if message.type is not WSMsgType.TEXT or not self._receive(message.data):
                    break
        finally:
            unlisten()
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer

    def send(self, message: bytes) -> None:
        """Queue a message; a client with too many unread messages is disconnected, as Home Assistant does."""
        if self._max_pending is not None and len(self._queue) >= self._max_pending:
            self.abort()
            return
        self._queue.append(message)
        self._filled.set()

    def send_event(self, event_json: bytes, event_type: str | None = None) -> None:
        """Queue an event for all subscriptions to its type; without a type, for all subscriptions."""
        for message_id, wanted in self._subscriptions.items():
            if wanted is None or event_type is None or wanted == event_type:
                self.send(messages.event(message_id, event_json))

    @property
    def is_subscribed(self) -> bool:
        """Whether there is a subscription."""
        return bool(self._subscriptions)

    def _on_event(self, event_type: str, event_json: bytes) -> None:
        self.send_event(event_json, event_type)

    async def _log_in(self) -> bool:
        await self._socket.send_frame(messages.AUTH_REQUIRED, WSMsgType.TEXT)
        try:
            first = await self._socket.receive(_AUTH_TIMEOUT_S)
        except TimeoutError:
            return False
        message = _decode(first.data) if first.type is WSMsgType.TEXT else None
        if message is None:
            return False
        problem = _auth_problem(message, self._token)
        answer = messages.auth_invalid(problem) if problem else messages.AUTH_OK
        await self._socket.send_frame(answer, WSMsgType.TEXT)
        return problem is None

    def _receive(self, text: str) -> bool:
        decoded = _decode(text)
        if decoded is None:
            return False
        for message in decoded if isinstance(decoded, list) else [decoded]:
            self._answer(message)
        return True

    def _answer(self, message: Any) -> None:
        message_id = message.get("id") if isinstance(message, dict) else 0
        if not (isinstance(message, dict) and _is_command(message)):
            self.send(messages.error(message_id, "invalid_format", "Message incorrectly formatted."))
            return
        if message["id"] <= self._last_id:
            self.send(messages.error(message_id, "id_reuse", "Identifier values have to increase."))
            return
        self._last_id = message["id"]
        try:
            self.send(self._run(message))
        except CommandError as err:
            self.send(messages.error(message_id, err.code, err.message))

    def _run(self, message: dict[str, Any]) -> bytes:
        message_id = message["id"]
        if message["type"] in self._refused_commands:
            raise CommandError("unknown_command", "Unknown command.")
        match message["type"]:
            case "ping":
                return messages.pong(message_id)
            case "supported_features":
                self._coalesces = "coalesce_messages" in message.get("features", {})
                return messages.result(message_id)
            case "subscribe_events":
                self._subscriptions[message_id] = message.get("event_type")
                return messages.result(message_id)
            case "unsubscribe_events":
                return self._unsubscribe(message)
            case _:
                return messages.result(message_id, run_command(self._house, message))

    def _unsubscribe(self, message: dict[str, Any]) -> bytes:
        if message.get("subscription") not in self._subscriptions:
            raise CommandError("not_found", "Subscription not found.")
        del self._subscriptions[message["subscription"]]
        return messages.result(message["id"])

    async def _write(self) -> None:
        try:
            while True:
                await self._filled.wait()
                await self._socket.send_frame(_next_frame(self._queue, coalesce=self._coalesces), WSMsgType.TEXT)
                if not self._queue:
                    self._filled.clear()
        except (ConnectionError, RuntimeError):
            self.abort()


def _next_frame(queue: deque[bytes], *, coalesce: bool) -> bytes:
    batch = [queue.popleft()]
    if coalesce and not isinstance(batch[0], Frame):
        while queue and len(batch) < _COALESCE_LIMIT and not isinstance(queue[0], Frame):
            batch.append(queue.popleft())
    return batch[0] if len(batch) == 1 else b"[%b]" % b",".join(batch)


def _decode(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None


def _is_command(message: dict[str, Any]) -> bool:
    message_id, kind = message.get("id"), message.get("type")
    return type(message_id) is int and message_id > 0 and isinstance(kind, str) and bool(kind)


def _auth_problem(message: Any, token: str) -> str | None:
    if not isinstance(message, dict) or message.get("type") != "auth":
        return "Auth message incorrectly formatted: value must be one of ['auth'] for dictionary value @ data['type']"
    given = message.get("access_token")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), token.encode()):
        return "Invalid access token or password"
    return None
