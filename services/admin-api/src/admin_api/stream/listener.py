"""A client of the stream and its queued messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from ha_ingestor_core.filters.live_filter import EVERY_EVENT, LiveFilter

from admin_api.stream.messages import EventsMessage, Wanted
from admin_api.stream.new_events import Key

_BACKLOG_LIMIT = 32  # queued messages per listener: about six seconds


class Listener:
    """The queued messages of a client.

    `held` are messages that wait until it has caught up from another instance, `was_sent` tests whether that instance
    has sent an event.
    """

    def __init__(self, who: str | None = None, wanted: LiveFilter = EVERY_EVENT) -> None:
        self.who = who
        self.wanted = Wanted(wanted)
        self.dropped = asyncio.Event()
        self.held: list[EventsMessage] | None = None
        self.was_sent: Callable[[Key], bool] | None = None
        self.was_sent_until = 0.0
        self._waiting: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def messages(self) -> AsyncIterator[bytes]:
        """Yield messages until the stream ends."""
        while (message := await self._waiting.get()) is not None:
            yield message

    def offer(self, message: bytes | None) -> bool:
        """Queue a message; return False if the queue is full. None ends the stream."""
        if message is not None and self._waiting.qsize() >= _BACKLOG_LIMIT:
            self.dropped.set()
            return False
        self._waiting.put_nowait(message)
        return True
