"""The end of a response with server-sent events."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from admin_api.stream.server_sent_events import ServerSentEvents
from starlette.types import Message


class Source:
    """Sends one message, then fails."""

    def __init__(self) -> None:
        self.dropped = asyncio.Event()

    async def messages(self) -> AsyncIterator[bytes]:
        yield b"data: 1\n\n"
        raise ZeroDivisionError


@contextlib.asynccontextmanager
async def _open() -> AsyncIterator[Source]:
    yield Source()


async def test_a_source_that_fails_is_an_error_of_the_request() -> None:
    sent: list[Any] = []

    async def receive() -> Message:
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]

    async def send(message: Message) -> None:
        sent.append(message)

    with pytest.raises(ZeroDivisionError):
        await ServerSentEvents(_open)({"type": "http"}, receive, send)
    assert sent[-1] == {"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True}
