"""Answers about an entity across its renames: each of its ids is queried in its time, and the answers are joined."""

from __future__ import annotations

import asyncio
import heapq
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Protocol

import msgspec

from ha_ingestor_store import answers
from ha_ingestor_store.entity_windows import entity_windows
from ha_ingestor_store.points import newest_first
from ha_ingestor_store.questions import EntityHistory, EntityWindows, EventCursor, Homes, RecentEvents
from ha_ingestor_store.renames import BEGIN_NS, HomeEntity, IdRange, Renames
from ha_ingestor_store.silent_entities import LastChange
from ha_ingestor_store.time_range import TimeRange

CountEvents = Callable[[IdRange], Awaitable[int]]


class EntityStates(Protocol):
    """The states of an entity in one range of an id, which is of one home."""

    async def states(self, id_range: IdRange, limit: int) -> list[answers.HistoryPoint]:
        """Return at most `limit` states, oldest first."""
        ...

    async def last_state(self, id_range: IdRange) -> answers.HistoryPoint | None:
        """Return the newest state."""
        ...

    async def last_unit(self, id_range: IdRange) -> str | None:
        """Return the unit of the newest state that has one."""
        ...


async def history(renames: Renames, question: EntityHistory, reader: EntityStates) -> answers.HistoryPage:
    """Return the states of an entity under all its ids; the unit is the latest."""
    id_ranges = renames.id_ranges(question.entity_id, Homes(only=question.home))
    start_ns, end_ns = question.time_range.start_ns, question.time_range.end_ns
    if question.after_ns is not None:
        start_ns = max(start_ns, question.after_ns + 1)
    wanted = [part for id_range in id_ranges if (part := _within(id_range, start_ns, end_ns)) is not None]
    unit, pages = await asyncio.gather(
        _last_unit(id_ranges, reader),
        asyncio.gather(*(reader.states(part, question.limit + 1) for part in wanted)),
    )
    found = sorted((point for page in pages for point in page), key=lambda point: point.time_ns)
    points = found[: question.limit]
    return answers.HistoryPage(unit, points, points[-1].time_ns if len(found) > question.limit else None)


async def windows(renames: Renames, question: EntityWindows, reader: EntityStates) -> answers.WindowsPage:
    """Return the numbers of an entity by window under all its ids."""

    async def before(home: str, entity_id: str, time_ns: int) -> answers.HistoryPoint | None:
        for id_range in renames.id_ranges(entity_id, Homes(only=home)):  # the latest first
            part = _within(id_range, BEGIN_NS, time_ns)
            found = await reader.last_state(part) if part is not None else None
            if found is not None:
                return found
        return None

    return await entity_windows(question, lambda part: history(renames, part, reader), before)


async def homes_of(renames: Renames, entity_id: str, changes: Iterable[LastChange], reader: EntityStates) -> list[str]:
    """Return the homes of an entity: those of its `changes`, and those in which it had another id before."""
    homes = {change.home for change in changes}
    for id_range in renames.id_ranges(entity_id):
        home = id_range.homes.only
        if home is not None and home not in homes and await reader.last_state(id_range) is not None:
            homes.add(home)
    return sorted(homes)


def present(renames: Renames, found: Iterable[answers.KnownEntity]) -> list[answers.KnownEntity]:
    """Return the newest of each entity, by home and id, without ids that were given up since."""
    newest: dict[HomeEntity, answers.KnownEntity] = {}
    for entity in found:
        key = (entity.home, entity.entity_id)
        known = newest.get(key)
        if entity.time_ns >= renames.since(*key) and (known is None or entity.time_ns > known.time_ns):
            newest[key] = entity
    return [newest[key] for key in sorted(newest)]


async def recent(
    renames: Renames, question: RecentEvents, ask: Callable[[RecentEvents], Awaitable[answers.EventPage]]
) -> answers.EventPage:
    """Return events, of one entity under all its ids; a glob is compared with the stored ids."""
    if not question.entity_id or any(wildcard in question.entity_id for wildcard in "*?"):
        return await ask(question)
    id_ranges = renames.id_ranges(question.entity_id, question.homes)
    if len(id_ranges) == 1:
        return await ask(_part(question, id_ranges[0]))
    pages = await asyncio.gather(*(ask(_part(question, id_range)) for id_range in id_ranges))
    found = sorted((event for page in pages for event in page.events), key=newest_first)
    more = len(found) > question.limit or any(page.next_cursor is not None for page in pages)
    events = found[: question.limit]
    return answers.EventPage(events, EventCursor(events[-1].time_ns, events[-1].series_key) if more else None)


async def busiest(
    renames: Renames, counts: Mapping[HomeEntity, int], time_range: TimeRange, limit: int, count: CountEvents
) -> list[answers.EntityCount]:
    """Return entities by their events, under their current ids; `count` counts the events in one range of an id."""
    totals: Counter[HomeEntity] = Counter()
    given_up = renames.given_up()
    for (home, entity_id), total in counts.items():
        if (home, entity_id) not in given_up:
            totals[home, entity_id] += total
            continue
        first, *later = renames.owners(home, entity_id, time_range.start_ns, time_range.end_ns)
        left = total
        for id_range, name in later:  # few events have an id after a rename: count these
            found = await count(id_range)
            totals[home, name] += found
            left -= found
        totals[home, first[1]] += left
    some = ((key, total) for key, total in totals.items() if total > 0)
    most_events = heapq.nsmallest(limit, some, key=lambda item: (-item[1], item[0][1], item[0][0]))
    return [answers.EntityCount(home, entity_id, total) for (home, entity_id), total in most_events]


def _part(question: RecentEvents, id_range: IdRange) -> RecentEvents:
    whole = question.time_range
    start_ns, end_ns = max(whole.start_ns, id_range.start_ns), min(whole.end_ns, id_range.end_ns)
    return msgspec.structs.replace(
        question,
        entity_id=id_range.entity_id,
        time_range=TimeRange(start_ns, max(start_ns, end_ns)),
        homes=id_range.homes,
    )


def _within(id_range: IdRange, start_ns: int, end_ns: int) -> IdRange | None:
    """Return the part of a range of an id that lies in a range; None where there is none."""
    part = id_range._replace(start_ns=max(start_ns, id_range.start_ns), end_ns=min(end_ns, id_range.end_ns))
    return part if part.start_ns < part.end_ns else None


async def _last_unit(id_ranges: Iterable[IdRange], reader: EntityStates) -> str | None:
    for id_range in id_ranges:  # the latest first
        unit = await reader.last_unit(id_range)
        if unit is not None:
            return unit
    return None
