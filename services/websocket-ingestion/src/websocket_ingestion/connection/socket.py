"""One live WebSocket to Home Assistant: login, commands and their answers, frames; closing fails every waiter."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

import aiohttp
import structlog
from msgspec import Raw, Struct

from websocket_ingestion.connection.protocol import Frame, Login, LoginPhase, binary_frame, decode_frame, encode_command
from websocket_ingestion.errors import (
    NO_EVENT,
    AuthInvalidError,
    CommandRefusedError,
    ConnectionLostError,
)
from websocket_ingestion.messages import Message, MessageType

MAX_FRAME_BYTES = 64 * 1024 * 1024
"""The limit of the Supervisor's proxy: with coalescing a whole queue is one frame, and `get_states` always is."""

_TEXT = aiohttp.WSMsgType.TEXT  # Python 3.11 takes 0.2 us to find a member of an enum
_log = structlog.get_logger()

ClientSocket = aiohttp.ClientWebSocketResponse[Any]


class SocketTiming(Struct, frozen=True):
    """The timeouts of a connection, in seconds."""

    login_s: float = 15.0
    command_s: float = 60.0
    silence_s: float = 30.0
    pong_s: float = 15.0
    close_s: float = 0.5


USUAL_TIMING = SocketTiming()


class FrameSink(Protocol):
    """Receives the frames; reading waits for it only while it is full."""

    @property
    def is_full(self) -> bool:
        """True when no further frame should be read now."""
        ...

    def accept(self, frame: Frame) -> None:
        """Process a frame; its replies are those without a waiter."""
        ...

    async def wait_for_room(self) -> None:
        """Return when the next frame may come."""
        ...


class HomeAssistantSocket:
    """A connection: `read` has to run for `command` to be answered."""

    def __init__(self, client: ClientSocket, timing: SocketTiming, too_large: set[str]) -> None:
        self.ha_version: str | None = None
        self._client = client
        self._timing = timing
        self._last_id = 0
        self._too_large = too_large
        self._waiters: dict[int, asyncio.Future[Message]] = {}
        self._pending: dict[int, str] = {}
        self._first_events: dict[int, asyncio.Future[Raw]] = {}
        self._frames_seen = 0
        self._is_paused = False

    async def log_in(self, token: str) -> None:
        """Go through the login; raises AuthInvalidError and ConnectionLostError."""
        login = Login(token)
        try:
            async with asyncio.timeout(self._timing.login_s):
                while not login.is_over:
                    for message in (await self._receive()).replies:
                        answer = login.receive(message)
                        if answer is not None:
                            await self._send(answer)
        except TimeoutError as err:
            raise ConnectionLostError("Home Assistant did not answer the login in time") from err
        if login.phase is LoginPhase.INVALID:
            raise AuthInvalidError(f"Home Assistant refused the token: {login.refusal}")
        self.ha_version = login.ha_version

    async def command(self, kind: str, **fields: Any) -> Message:
        """Run a command and return its reply; raises CommandRefusedError, and ConnectionLostError without an answer."""
        return await self._command(self._next_id(), kind, fields)

    async def first_event(self, kind: str, **fields: Any) -> Raw:
        """Subscribe by a command, wait for the first event, and unsubscribe; raises as `command` does.

        A missing event counts as a refusal of the command, not as a lost connection.
        """
        message_id = self._next_id()
        waiter: asyncio.Future[Raw] = asyncio.get_running_loop().create_future()
        self._first_events[message_id] = waiter
        try:
            await self._command(message_id, kind, fields)
            done, _ = await asyncio.wait([waiter], timeout=self._timing.command_s)
            await self.command("unsubscribe_events", subscription=message_id)
        finally:
            self._first_events.pop(message_id, None)
        if not done:
            raise CommandRefusedError(kind, NO_EVENT, f"no event was received within {self._timing.command_s:g} s")
        return waiter.result()

    async def _command(self, message_id: int, kind: str, fields: dict[str, Any]) -> Message:
        if kind in self._too_large:
            raise CommandRefusedError(kind, "too_large", f"its answer is larger than {MAX_FRAME_BYTES:,} bytes")
        waiter = self._waiters[message_id] = asyncio.get_running_loop().create_future()
        self._pending[message_id] = kind
        try:
            await self._send(encode_command(message_id, kind, fields))
            reply = await self._wait(waiter, kind)
        finally:
            self._waiters.pop(message_id, None)
            self._pending.pop(message_id, None)
        if not reply.success:
            raise CommandRefusedError(kind, reply.refusal.code, reply.refusal.message)
        return reply

    async def read(self, sink: FrameSink) -> None:
        """Pass every frame to the sink until the connection ends; raises ConnectionLostError."""
        try:
            while True:
                frame = await self._receive()
                self._frames_seen += 1
                sink.accept(self._settle(frame) if frame.replies else frame)
                if sink.is_full:
                    self._is_paused = True
                    await sink.wait_for_room()
                    self._is_paused = False
        finally:
            self._fail_waiters()

    async def watch_silence(self) -> None:
        """Ping after a silence; raises ConnectionLostError without a pong: a half-open socket reports no error."""
        while True:
            seen = self._frames_seen
            await asyncio.sleep(self._timing.silence_s)
            if self._frames_seen != seen or self._is_paused:
                continue
            await self._send(encode_command(self._next_id(), "ping", {}))
            await asyncio.sleep(self._timing.pong_s)
            if self._frames_seen == seen and not self._is_paused:
                raise ConnectionLostError(
                    f"nothing was received for {self._timing.silence_s + self._timing.pong_s:g} s"
                )

    async def close(self) -> None:
        """Close the connection and fail every waiter."""
        self._fail_waiters()
        await self._client.close()

    def _next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    async def _receive(self) -> Frame:
        message = await self._client.receive()
        if message.type is _TEXT:
            return decode_frame(message.data, self._first_events)
        if message.type is aiohttp.WSMsgType.BINARY:
            return binary_frame(message.data)
        if _is_too_large(message):
            self._note_too_large()
        reason = str(message.data) if message.type is aiohttp.WSMsgType.ERROR else "Home Assistant closed it"
        raise ConnectionLostError(f"the connection ended: {reason}")

    def _note_too_large(self) -> None:
        """History is requested again for less; an answer that cannot be divided would end every connection."""
        found = {kind for kind in self._pending.values() if _is_dispensable(kind)}
        if found:
            self._too_large |= found
            then = "not requested again before a restart"
            _log.error("answer_too_large", commands=sorted(found), limit_bytes=MAX_FRAME_BYTES, then=then)

    async def _send(self, text: str) -> None:
        try:
            await self._client.send_str(text)
        except (aiohttp.ClientError, ConnectionError, RuntimeError) as err:
            raise ConnectionLostError(f"the connection ended: {str(err) or type(err).__name__}") from err

    async def _wait(self, waiter: asyncio.Future[Message], kind: str) -> Message:
        while True:
            done, _ = await asyncio.wait([waiter], timeout=self._timing.command_s)
            if done:
                return waiter.result()
            if not self._is_paused:  # otherwise the answer may wait to be read
                raise ConnectionLostError(f"{kind} was not answered within {self._timing.command_s:g} s")

    def _settle(self, frame: Frame) -> Frame:
        others = []
        for reply in frame.replies:
            if reply.type == MessageType.EVENT:
                first = self._first_events[reply.id]
                if not first.done():
                    first.set_result(reply.event)
                continue
            waiter = self._waiters.get(reply.id) if reply.type == MessageType.RESULT else None
            if waiter is None or waiter.done():
                others.append(reply)
            else:
                waiter.set_result(reply)
        return Frame(frame.events, others, frame.odd, frame.changes)

    def _fail_waiters(self) -> None:
        waiters: list[asyncio.Future[Any]] = [*self._waiters.values(), *self._first_events.values()]
        for waiter in waiters:
            if not waiter.done():
                waiter.set_exception(ConnectionLostError("the connection ended"))
                waiter.exception()  # waiters still get it; without one asyncio must not warn
        self._waiters.clear()


def _is_too_large(message: aiohttp.WSMessage) -> bool:
    """Whether the connection ended because a frame exceeds the limit of this process, or of a proxy."""
    code = message.data if message.type is aiohttp.WSMsgType.CLOSE else getattr(message.data, "code", None)
    return bool(code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG)


def _is_dispensable(kind: str) -> bool:
    """Whether capturing continues without the answer to a command, which is always one frame."""
    return kind == "get_states" or kind.endswith("_registry/list")
