"""A response of server-sent events that ends when the client disconnects, is too slow, or the service stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec
from fastapi import Response
from starlette.types import Receive, Scope, Send

_LINE_BREAKS = bytes.maketrans(b"\r\n", b"  ")

RECONNECT = b"retry: 250\nevent: reconnect\ndata: {}\n\n"
"""The last message of a stopping instance: the client reconnects immediately, to another instance."""


def event_message(event: str, data: object) -> bytes:
    """Return one server-sent event."""
    return b"event: " + event.encode() + b"\ndata: " + json_line(data) + b"\n\n"


def json_line(data: object) -> bytes:
    """Return JSON without newlines, which would end the data of a server-sent event.

    Only JSON that is embedded unchanged has newlines, between its tokens.
    """
    return msgspec.json.encode(data).translate(_LINE_BREAKS)


class MessageSource(Protocol):
    """The source of the messages for a client."""

    @property
    def dropped(self) -> asyncio.Event:
        """Set when the client is too slow and must be disconnected."""
        ...

    def messages(self) -> AsyncIterator[bytes]:
        """Yield messages until the stream ends."""
        ...


class ServerSentEvents(Response):
    """Sends the messages of a source, which is open for the duration of the response."""

    media_type = "text/event-stream"

    def __init__(self, open_source: Callable[[], AbstractAsyncContextManager[MessageSource]]) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._open_source = open_source

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._open_source() as source:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            ends = [
                asyncio.create_task(coroutine, name=f"server-sent events, {name}")
                for name, coroutine in (
                    ("sending", _send(source, send)),
                    ("client gone", _until_gone(receive)),
                    ("too slow", source.dropped.wait()),
                )
            ]
            try:
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in ends:
                    task.cancel()
                ended = await asyncio.gather(*ends, return_exceptions=True)
            for error in ended:
                if isinstance(error, Exception):  # a bug, which would otherwise be lost
                    raise error


async def _send(source: MessageSource, send: Send) -> None:
    async for message in source.messages():
        await send({"type": "http.response.body", "body": message, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
