"""One entity through its renames: a dialect is asked stretch by stretch, and the answers are joined."""

from __future__ import annotations

import asyncio
import heapq
from collections import Counter as Tally
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import msgspec

from ha_ingestor_store import answers
from ha_ingestor_store.periods import TimeRange
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.questions import EntityHistory, EntityWindows, EventCursor, RecentEvents
from ha_ingestor_store.renames import Renames, Stretch

HomeEntity = tuple[str, str]
Q = TypeVar("Q", EntityHistory, EntityWindows, RecentEvents)
CountEvents = Callable[[Stretch], Awaitable[int]]


async def history(
    renames: Renames, question: EntityHistory, ask: Callable[[EntityHistory], Awaitable[answers.HistoryPage]]
) -> answers.HistoryPage:
    """The states of an entity under all its ids; the unit is that of the latest."""
    stretches = renames.stretches(question.entity_id, question.homes)
    pages = await asyncio.gather(*(ask(_part(question, stretch)) for stretch in stretches))
    if len(pages) == 1:
        return pages[0]
    points = sorted((point for page in pages for point in page.points), key=lambda point: point.time_ns)
    more = len(points) > question.limit or any(page.next_after_ns is not None for page in pages)
    points = points[: question.limit]
    return answers.HistoryPage(pages[0].unit, points, points[-1].time_ns if more else None)


async def windows(
    renames: Renames, question: EntityWindows, ask: Callable[[EntityWindows], Awaitable[answers.WindowsPage]]
) -> answers.WindowsPage:
    """The numbers of an entity under all its ids; a window in which it was renamed is put together."""
    stretches = renames.stretches(question.entity_id, question.homes)
    pages = await asyncio.gather(*(ask(_part(question, stretch)) for stretch in stretches))
    if len(pages) == 1:
        return pages[0]
    joined: dict[int, answers.WindowPoint] = {}
    for point in (point for page in pages for point in page.points):
        known = joined.get(point.start_ns)
        joined[point.start_ns] = _both(known, point) if known else point
    more = len(joined) > question.limit or any(page.next_after_ns is not None for page in pages)
    points = [joined[start_ns] for start_ns in sorted(joined)[: question.limit]]
    return answers.WindowsPage(pages[0].unit, points, points[-1].start_ns if more else None)


async def recent(
    renames: Renames, question: RecentEvents, ask: Callable[[RecentEvents], Awaitable[answers.EventPage]]
) -> answers.EventPage:
    """Events, those of one entity under all its ids; a glob is held against the ids that events were stored with."""
    if not question.entity_id or any(wildcard in question.entity_id for wildcard in "*?"):
        return await ask(question)
    stretches = renames.stretches(question.entity_id, question.homes)
    if len(stretches) == 1:
        return await ask(_part(question, stretches[0]))
    pages = await asyncio.gather(*(ask(_part(question, stretch)) for stretch in stretches))
    found = sorted((event for page in pages for event in page.events), key=newest_first)
    more = len(found) > question.limit or any(page.next_cursor is not None for page in pages)
    events = found[: question.limit]
    return answers.EventPage(events, EventCursor(events[-1].time_ns, events[-1].series_key) if more else None)


async def busiest(
    renames: Renames, counts: Mapping[HomeEntity, int], time_range: TimeRange, limit: int, count: CountEvents
) -> list[answers.EntityCount]:
    """Entities by their events, by the name that they have today; `count` tells those of one stretch."""
    totals: Tally[str] = Tally()
    given_up = renames.given_up()
    for (home, entity_id), total in counts.items():
        if (home, entity_id) not in given_up:
            totals[entity_id] += total
            continue
        first, *later = renames.owners(home, entity_id, time_range.start_ns, time_range.end_ns)
        left = total
        for stretch, name in later:  # few events have an id after it was given up: these are counted, the rest is known
            found = await count(stretch)
            totals[name] += found
            left -= found
        totals[first[1]] += left
    some = ((entity_id, total) for entity_id, total in totals.items() if total > 0)
    first_ones = heapq.nsmallest(limit, some, key=lambda item: (-item[1], item[0]))
    return [answers.EntityCount(entity_id=entity_id, count=total) for entity_id, total in first_ones]


def newest_first(point: EventPoint) -> tuple[int, tuple[str, ...]]:
    """The order of events: newest first, within one nanosecond by their tags."""
    return (-point.time_ns, tuple(tag or "" for tag in point.series_key))


def _part(question: Q, stretch: Stretch) -> Q:
    whole = question.time_range
    start_ns, end_ns = max(whole.start_ns, stretch.start_ns), min(whole.end_ns, stretch.end_ns)
    return msgspec.structs.replace(
        question,
        entity_id=stretch.entity_id,
        time_range=TimeRange(start_ns, max(start_ns, end_ns)),
        homes=stretch.homes,
    )


def _both(one: answers.WindowPoint, other: answers.WindowPoint) -> answers.WindowPoint:
    count = one.count + other.count
    return answers.WindowPoint(
        start_ns=one.start_ns,
        min=min(one.min, other.min),
        mean=one.mean * (one.count / count) + other.mean * (other.count / count),
        max=max(one.max, other.max),
        count=count,
    )
