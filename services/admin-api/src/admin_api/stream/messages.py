"""Messages with new events: each event is encoded once for all filters; the newest are kept for resuming streams."""

from __future__ import annotations

import re
import secrets
from collections import deque
from collections.abc import Callable, Iterable
from typing import NamedTuple

from ha_ingestor_core.filters.live_filter import EVERY_EVENT, Accepts, LiveFilter
from ha_ingestor_store.points import EventPoint

from admin_api.events.views import event_view
from admin_api.stream.new_events import Key, key_of
from admin_api.stream.server_sent_events import json_line

MISSED = b"event: missed\ndata: {}\n\n"
_KEPT_MESSAGES = 240
_KEPT_BYTES = 8_000_000
_ID = re.compile(r"([0-9a-f]{16})-([0-9]{1,18})", re.ASCII)


class MessageId(NamedTuple):
    """The id of a message: the run of the stream, and the number of the message."""

    run: str
    number: int

    @classmethod
    def of(cls, text: str) -> MessageId | None:
        """Parse an id sent by a client; None if it is invalid."""
        match = _ID.fullmatch(text)
        return cls(match[1], int(match[2])) if match else None


class Wanted:
    """The filter of a listener with its matcher."""

    def __init__(self, wanted: LiveFilter = EVERY_EVENT) -> None:
        self.filter = wanted
        self.accepts: Accepts | None = None if wanted == EVERY_EVENT else wanted.matcher()


class EventsMessage:
    """New events with one message id."""

    def __init__(self, number: int, id_line: bytes, points: Iterable[EventPoint]) -> None:
        self.number = number
        self._id_line = id_line
        self._events = [
            (
                key_of(point),
                (point.home, point.event_type, point.domain, point.entity_id, point.area),
                json_line(event_view(point)),
            )
            for point in points
        ]
        self.size = sum(len(view) for *_, view in self._events)

    def text(self, wanted: Wanted, was_sent: Callable[[Key], bool] | None = None) -> bytes | None:
        """Return the message with the matching events that were not sent before; None if there are none."""
        accepts = wanted.accepts
        views = [
            view
            for key, facts, view in self._events
            if (accepts is None or accepts(*facts)) and (was_sent is None or not was_sent(key))
        ]
        if not views:
            return None
        return self._id_line + b"event: events\ndata: [" + b",".join(views) + b"]\n\n"


class EventsMessages:
    """Numbers the messages of a run and keeps the newest."""

    def __init__(self) -> None:
        self.run = secrets.token_hex(8)
        self._kept: deque[EventsMessage] = deque()
        self._bytes = 0
        self._last = 0

    @property
    def id_line(self) -> bytes:
        """The id line of the last message."""
        return f"id: {self.run}-{self._last}\n".encode()

    @property
    def last(self) -> int:
        """The number of the last message."""
        return self._last

    def add(self, points: Iterable[EventPoint]) -> EventsMessage:
        """Add and return the next message."""
        self._last += 1
        message = EventsMessage(self._last, self.id_line, points)
        self._kept.append(message)
        self._bytes += message.size
        while len(self._kept) > _KEPT_MESSAGES or self._bytes > _KEPT_BYTES:
            self._bytes -= self._kept.popleft().size
        return message

    def forget(self) -> None:
        """Drop the kept messages, since the store was not read for a while."""
        self._last += 1
        self._kept.clear()
        self._bytes = 0

    def after(self, last: MessageId | None, wanted: Wanted) -> bytes:
        """Return all matching events after a message id as one text; `missed` if the id is no longer known."""
        if last is None or last.run != self.run:
            return MISSED
        oldest = self._kept[0].number if self._kept else self._last + 1
        if not oldest - 1 <= last.number <= self._last:
            return MISSED
        return b"".join(each.text(wanted) or b"" for each in self._kept if each.number > last.number)
