"""Copies a store into another: events newest first, page by page, so that it can go on where it was stopped.

Keys are the same in every store, so a page that is copied twice is there once.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from ha_ingestor_core.errors import TerminalError
from ha_ingestor_store import Store
from ha_ingestor_store.periods import DAY_NS, TimeRange
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.questions import EventCursor, RecentEvents
from msgspec import Struct

PAGE = 5_000
EVER = TimeRange(-9_214_560_000_000_000_000, 9_214_646_400_000_000_000)
_OPENED_AT_ONCE_NS = 7 * DAY_NS
_ALL_REJECTED = 1_000_000_000


class Position(Struct):
    """How far a copy has come; `newest_ns` and `oldest_ns` are of the events that were copied.

    `refused` is how many the target does not take, such as those beyond its retention; `refused_for` its last reason.
    """

    copied: int = 0
    written: int = 0
    refused: int = 0
    refused_for: str = ""
    cursor: EventCursor | None = None
    newest_ns: int | None = None
    oldest_ns: int | None = None


class Difference(Struct, frozen=True):
    """A day of which the stores hold a different number of events."""

    day_ns: int
    source: int
    target: int


class StateFile:
    """The position on disk; it is gone when the copy is complete."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Position:
        """The position; the beginning where there is none. Raises TerminalError when it can't be understood."""
        if not self._path.exists():
            return Position()
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Position)
        except msgspec.MsgspecError as err:
            raise TerminalError(f"{self._path} is no position of a copy: remove it to begin anew") from err

    def write(self, position: Position) -> None:
        """Keep the position: the old one or the new one, whatever happens."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        fresh.write_bytes(msgspec.json.encode(position))
        fresh.replace(self._path)

    def remove(self) -> None:
        """Forget it."""
        self._path.unlink(missing_ok=True)


async def copy_events(
    source: Store, target: Store, state: StateFile, on_page: Callable[[Position], None], *, page: int = PAGE
) -> Position:
    """Copy what is left of the events, saying after each page how far it has come; raises what the stores raise."""
    position = state.read()
    opened_from_ns = EVER.end_ns
    while True:
        found = await source.recent_events(RecentEvents(EVER, limit=page, cursor=position.cursor))
        if found.events:
            oldest_ns = found.events[-1].time_ns
            if oldest_ns < opened_from_ns:
                opened_from_ns = oldest_ns - _OPENED_AT_ONCE_NS
                await target.expect(TimeRange(opened_from_ns, found.events[0].time_ns + 1))
            await _write(target, found.events, position)
            position.cursor = found.next_cursor
            state.write(position)
            on_page(position)
        if found.next_cursor is None:
            return position


async def copy_rejected(source: Store, target: Store) -> int:
    """Copy the rejected events; how many there are."""
    rejected = (await source.rejected_events(_ALL_REJECTED)).events
    for start in range(0, len(rejected), PAGE):
        await target.write_events([], rejected[start : start + PAGE])
    return len(rejected)


async def differences(source: Store, target: Store, position: Position) -> list[Difference]:
    """The days on which the stores do not hold the same number of events, over what was copied."""
    if position.oldest_ns is None or position.newest_ns is None:
        return []
    found: list[Difference] = []
    start_ns = position.oldest_ns // DAY_NS * DAY_NS
    while start_ns <= position.newest_ns:
        end_ns = min(start_ns + 1000 * DAY_NS, position.newest_ns + 1)
        asked = TimeRange(start_ns, end_ns)
        ours, theirs = await source.event_trend(asked, DAY_NS), await target.event_trend(asked, DAY_NS)
        found += [
            Difference(a.start_ns, a.count, b.count) for a, b in zip(ours, theirs, strict=True) if a.count != b.count
        ]
        start_ns += 1000 * DAY_NS
    return found


async def _write(target: Store, events: list[EventPoint], position: Position) -> None:
    result = await target.write_events(events)
    if result.rejected:
        position.refused += len(result.rejected)
        position.refused_for = result.rejected[-1].message
    position.copied += len(events)
    position.written += result.written
    position.newest_ns = position.newest_ns if position.newest_ns is not None else events[0].time_ns
    position.oldest_ns = events[-1].time_ns
