"""Detects events that are new in the store since the last reading, including events stored late."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple, cast

import msgspec
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.questions import RecentEvents
from ha_ingestor_store.store import StoreReader
from ha_ingestor_store.time_range import HOUR_NS, MINUTE_NS, TimeRange
from msgspec import Struct

_PAGE = 100
_MOST_AT_ONCE = 500
_REMEMBERED = 20_000

Key = tuple[int | str | None, ...]
"""The time and the tags of an event, which identify it."""


class Seen(Struct, frozen=True):
    """The events already read, for another process: keys by minute, and the start of the readings."""

    from_ns: int
    page_from_ns: int
    keys: dict[int, list[Key]]
    passed_over: dict[int, int]


class FoundEvents(NamedTuple):
    """New events, oldest first; not complete if there were more than the limit."""

    events: list[EventPoint]
    is_complete: bool


class NewEvents:
    """Returns each new event once.

    A reading pages back through the newest events until it reaches known ones. Events stored late, before the newest
    100, are detected by the counts per minute: minutes with more events than known are read again. This covers the time
    since the first reading, at most an hour and 20,000 events.
    """

    def __init__(self, reader: StoreReader) -> None:
        self._reader = reader
        self._seen: dict[int, set[Key]] | None = None
        self._passed_over: dict[int, int] = {}
        self._from_ns = 0
        self._page_from_ns = 0

    @classmethod
    def resumed(cls, reader: StoreReader, seen: Seen) -> NewEvents:
        """Continue the readings of another process."""
        new_events = cls(reader)
        new_events._seen = defaultdict(set, {minute: set(keys) for minute, keys in seen.keys.items()})
        new_events._passed_over = dict(seen.passed_over)
        new_events._from_ns, new_events._page_from_ns = seen.from_ns, seen.page_from_ns
        return new_events

    @property
    def seen(self) -> Seen | None:
        """The events already read; None before the first reading."""
        if self._seen is None:
            return None
        keys = {minute: list(keys) for minute, keys in self._seen.items()}
        return Seen(self._from_ns, self._page_from_ns, keys, dict(self._passed_over))

    def has_seen(self, key: Key) -> bool:
        """Return whether an event was already read."""
        return self._seen is not None and key in self._seen.get(cast("int", key[0]) // MINUTE_NS, ())

    async def read(self, now_ns: int) -> FoundEvents:
        """Return the newest new events; nothing at the first reading, which only sets the start."""
        around_now = TimeRange(now_ns - HOUR_NS, now_ns + HOUR_NS)
        question = RecentEvents(time_range=around_now, limit=_PAGE)
        page = await self._reader.recent_events(question)
        points = list(page.events)
        if self._seen is None:
            self._seen = defaultdict(set)
            self._from_ns = points[-1].time_ns if page.next_cursor else around_now.start_ns
            self._take(points)
            self._page_from_ns = self._from_ns
            return FoundEvents([], is_complete=True)
        while page.next_cursor and len(points) < _MOST_AT_ONCE and not self._knows_any(page.events):
            page = await self._reader.recent_events(msgspec.structs.replace(question, cursor=page.next_cursor))
            points += page.events
        is_complete = page.next_cursor is None or self._knows_any(page.events)
        new = self._take(reversed(points))
        self._page_from_ns = points[-1].time_ns if page.next_cursor else around_now.start_ns
        if not is_complete:  # the skipped events are not returned later either
            self._from_ns = self._page_from_ns
        self._forget(now_ns)
        return FoundEvents(new, is_complete)

    async def read_late(self) -> FoundEvents:
        """Return events stored late, before the newest page."""
        first, last = -(-self._from_ns // MINUTE_NS), self._page_from_ns // MINUTE_NS
        if self._seen is None or first >= last:
            return FoundEvents([], is_complete=True)
        counts = await self._reader.event_trend(TimeRange(first * MINUTE_NS, last * MINUTE_NS), MINUTE_NS)
        new: list[EventPoint] = []
        is_complete = True
        for point in counts:
            minute = point.start_ns // MINUTE_NS
            known = len(self._seen[minute]) + self._passed_over.get(minute, 0)
            if point.count <= known:
                continue
            if len(new) < _MOST_AT_ONCE:
                new += self._take(await self._minute(minute))
            self._passed_over[minute] = max(0, point.count - len(self._seen[minute]))
            is_complete = is_complete and not self._passed_over[minute]
        return FoundEvents(new, is_complete)

    async def _minute(self, minute: int) -> list[EventPoint]:
        """Return the events of a minute, oldest first; at most the newest 1,000."""
        within = TimeRange(minute * MINUTE_NS, (minute + 1) * MINUTE_NS)
        page = await self._reader.recent_events(RecentEvents(time_range=within, limit=2 * _MOST_AT_ONCE))
        return page.events[::-1]

    def _take(self, points: Iterable[EventPoint]) -> list[EventPoint]:
        """Return the points that are new, and record them."""
        assert self._seen is not None
        new = []
        for point in points:
            seen, key = self._seen[point.time_ns // MINUTE_NS], key_of(point)
            if key not in seen:
                seen.add(key)
                new.append(point)
        return new

    def _knows_any(self, points: Iterable[EventPoint]) -> bool:
        assert self._seen is not None
        return any(key_of(point) in self._seen.get(point.time_ns // MINUTE_NS, ()) for point in points)

    def _forget(self, now_ns: int) -> None:
        """Drop the oldest minutes beyond the limits of time and number."""
        assert self._seen is not None
        held = sum(map(len, self._seen.values()))
        for minute in sorted(self._seen):
            if held <= _REMEMBERED and (minute + 1) * MINUTE_NS >= now_ns - HOUR_NS:
                break
            if (minute + 1) * MINUTE_NS > self._page_from_ns:
                break
            held -= len(self._seen.pop(minute))
            self._passed_over.pop(minute, None)
            self._from_ns = max(self._from_ns, (minute + 1) * MINUTE_NS)


def key_of(point: EventPoint) -> Key:
    """Return the key of an event."""
    return (point.time_ns, *point.series_key)
