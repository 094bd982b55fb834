"""After the faults: the ingestor must recover by itself, all events must be stored, and the totals must add up."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter as Count
from contextlib import suppress
from itertools import count

import aiohttp
from ha_ingestor_core.clock import ns_to_rfc3339
from ha_ingestor_core.events import OriginKind
from ha_ingestor_core.gaps import Gap, GapReason, GapStatus
from ha_ingestor_core.service_metrics import Counter
from ha_ingestor_store import Store
from ha_ingestor_store.points import EventPoint, RejectedEvent
from ha_ingestor_store.questions import RecentEvents, RecentGaps
from ha_ingestor_store.time_range import DAY_NS, TimeRange
from websocket_ingestion.gaps.unrecoverable import OTHER_EVENTS
from websocket_ingestion.spool.segments.cursor import Cursor

from tests.faults.home import HIDDEN, RENAMED, Fired
from tests.faults.oracle import Expected, Verdict, judge, key_in
from tests.faults.world import World
from tests.rejected_events import kept_in

STANDSTILL_LIMIT_S = 150.0
"""Longer than the sum of all back-offs."""
RECOVERY_LIMIT_S = 900.0
"""A long gap is filled slowly to limit the load, which takes minutes."""
FRESH = "sensor.fresh"
_PAGE = 1000
_EVERYTHING = 1_000_000


async def settle(world: World) -> None:
    """Return when a new event arrives live and the spool is empty; raises AssertionError after a time limit."""
    async with aiohttp.ClientSession() as http:
        try:
            async with asyncio.timeout(STANDSTILL_LIMIT_S):
                await _until_fresh_ones_come(world, http)
        except TimeoutError:
            raise AssertionError(f"no fresh event came within {STANDSTILL_LIMIT_S:g} s") from None
        await _until_nothing_is_left(world, http)


async def found_in_store(world: World) -> Verdict:
    """Stop all processes, and compare the store with the events of the home."""
    await world.load.stop()
    await world.ingestor.stop()
    try:
        async with world.any_store.reader() as store:
            points, rejected = await _all_events(store), await kept_in(world.data_dir)
            gaps = (await store.reader.gaps(RecentGaps(_whole(), limit=_EVERYTHING))).gaps
            excused = Count(filter(None, (_excused_point(world, point) for point in points)))
            told = [point for point in points if not _excused_point(world, point)]
            verdict = judge(world.home.fired, told, rejected, lambda want: _excuse(world, gaps, want))
            verdict.excused += excused
            verdict.found = len(points)
            verdict.wrong += [f"gap is not closed: {gap}" for gap in gaps if gap.status is GapStatus.OPEN]
            verdict.wrong += [f"was sent: {gap}" for gap in gaps if gap.reason is GapReason.NOT_SENT]
            verdict.wrong += _odd_ones(world, gaps, rejected)
            verdict.wrong += await _rollups(store, points)
            verdict.wrong += await _numbers(world, store, verdict.found)
            verdict.wrong += world.ingestor.tracebacks()
            return verdict
    finally:
        await world.stop()


def _excuse(world: World, gaps: list[Gap], want: Expected) -> str | None:
    """Return why an event may be missing. A state change may be missing only if its history is not available either."""
    if want.key in world.damaged:
        return "its page of the spool was damaged, which was told"
    if want.fired.is_clock_wrong and world.absences.covers(want.fired.at):
        return "dated wrongly by the house while nobody listened"
    entity_id, time_ns = want.key[1:]
    if entity_id in HIDDEN:
        named = any(_names(gap, entity_id) and gap.start_ns <= time_ns < gap.end_ns for gap in gaps)
        return "told to be left out by the recorder" if named else None
    if want.removed and _is_renamed(entity_id) and world.absences.covers(want.fired.at):
        return "the end of an id, which no history tells"
    if not want.is_state_change and _told_lost(gaps, time_ns):
        return "told to be lost in a gap"
    return None


def _excused_point(world: World, point: EventPoint) -> str | None:
    """Return why a point may be stored although Home Assistant sent no event for it."""
    if point.origin_kind is not OriginKind.BACKFILL:
        return None
    if point.event_type == "entity_registry_updated":
        data = json.loads(point.data or "{}")
        if _is_renamed(data.get("old_entity_id")) and _is_renamed(data.get("entity_id")):
            return "a rename that was found by comparing"
    if _is_renamed(point.entity_id) and any(
        each.is_clock_wrong and key_in(each.body)[2] == point.time_ns for each in world.home.fired
    ):
        return "dated wrongly by the house, so that nobody can say which id it had"
    if (point.entity_id, ns_to_rfc3339(point.time_ns)) in world.home.memories:
        return "a memory that only the history told, as a state like any other"
    return None


def _names(gap: Gap, entity_id: str) -> bool:
    return any(entity_id in sentence for sentence in gap.lost)


def _told_lost(gaps: list[Gap], time_ns: int) -> bool:
    """Return whether a gap reports that events of that time other than state changes are lost."""
    return any(gap.start_ns <= time_ns < gap.end_ns and OTHER_EVENTS in gap.lost for gap in gaps)


def _is_renamed(entity_id: str | None) -> bool:
    return entity_id is not None and entity_id.startswith(RENAMED)


def _odd_ones(world: World, gaps: list[Gap], rejected: list[RejectedEvent]) -> list[str]:
    """Check that each invalid event was kept once, unless it was in flight when a connection or a process ended."""
    kept = Count(event.payload.encode() for event in rejected if event.message)
    return [
        f"odd event kept {kept[odd.body]} times: {odd}"
        for odd in world.home.odd
        if kept[odd.body] > 1 or (kept[odd.body] == 0 and not _may_be_gone(world, gaps, odd))
    ]


def _may_be_gone(world: World, gaps: list[Gap], odd: Fired) -> bool:
    is_lost = odd.time_ns is not None and _told_lost(gaps, odd.time_ns)
    return is_lost or world.absences.covers(odd.at) or odd.body in world.damaged_odd


async def _rollups(store: Store, points: list[EventPoint]) -> list[str]:
    whole = _whole()
    told = {
        "statistics": (await store.reader.event_statistics(whole)).total,
        "trend": sum(point.count for point in await store.reader.event_trend(whole, DAY_NS)),
    }
    return [f"{name} count {total} events of {len(points)}" for name, total in told.items() if total != len(points)]


async def _numbers(world: World, store: Store, found: int) -> list[str]:
    """Check received = written + duplicate + filtered + rejected + expired + failed, per service, over all starts."""
    wrong = []
    if (told := world.ingestor.lost_in_the_spool()) != world.damaged_records:
        wrong.append(f"{world.damaged_records} records were damaged, {told} were told to be")
    for service in await store.reader.service_statistics(_whole()):
        ends = {Counter(name): number for name, number in service.counters.items() if name in set(Counter)}
        if ends[Counter.RECEIVED] != sum(ends[end] for end in _ENDS):
            wrong.append(f"{service.service} does not add up: {ends}")
        if service.service == "websocket-ingestion" and not (kept := _kept_totals(world)).items() <= ends.items():
            wrong.append(f"{service.service} reported {ends} and keeps {kept}")
        if service.service == "enrichment-pipeline" and world.embedded and ends[Counter.PROCESSED] != found:
            wrong.append(f"{service.service} reported {ends[Counter.PROCESSED]} written events of {found}")
    return wrong


def _kept_totals(world: World) -> dict[Counter, int]:
    cursor, _ = Cursor.open(world.spool / "cursor")
    cursor.close()
    return cursor.position.totals.counters() if cursor.position else {}


_ENDS = (Counter.PROCESSED, Counter.DUPLICATE, Counter.FILTERED, Counter.REJECTED, Counter.EXPIRED, Counter.FAILED)


async def _all_events(store: Store) -> list[EventPoint]:
    points: list[EventPoint] = []
    question = RecentEvents(_whole(), limit=_PAGE)
    while True:
        page = await store.reader.recent_events(question)
        points += page.events
        if page.next_cursor is None:
            return points
        question = RecentEvents(_whole(), limit=_PAGE, cursor=page.next_cursor)


def _whole() -> TimeRange:
    now_ns = time.time_ns()
    return TimeRange(now_ns - 2 * DAY_NS, now_ns + 2 * DAY_NS)


async def _until_fresh_ones_come(world: World, http: aiohttp.ClientSession) -> None:
    for number in count(1):
        world.home.set_state(FRESH, str(number), {})
        await asyncio.sleep(0.5)
        if await _has_fresh_live_one(world, http):
            return


async def _has_fresh_live_one(world: World, http: aiohttp.ClientSession) -> bool:
    with suppress(aiohttp.ClientError, TimeoutError, KeyError, ValueError):
        url = f"{world.admin_url}/api/v1/events?entity_id={FRESH}"
        async with http.get(url, timeout=aiohttp.ClientTimeout(5)) as response:
            events = json.loads(await response.read())["events"]
            return any(event["origin_kind"] == "live" for event in events)
    return False


async def _until_nothing_is_left(world: World, http: aiohttp.ClientSession) -> None:
    begin = moved = time.monotonic()
    done: float | None = None
    while (numbers := await _numbers_of_capture(world, http)) is None or _sum(numbers, *_STILL_TO_DO) != 0:
        now = time.monotonic()
        if numbers is not None and _sum(numbers, _DONE) != done:
            done, moved = _sum(numbers, _DONE), now
        if now - moved > STANDSTILL_LIMIT_S or now - begin > RECOVERY_LIMIT_S:
            raise AssertionError(f"did not recover: {numbers} after {now - begin:.0f} s, {now - moved:.0f} s of rest")
        await asyncio.sleep(0.1)


async def _numbers_of_capture(world: World, http: aiohttp.ClientSession) -> dict[str, float] | None:
    """Return the metrics of the capture by name and labels; None if it does not answer on a busy machine."""
    with suppress(aiohttp.ClientError, TimeoutError):
        async with http.get(f"{world.capture_url}/metrics", timeout=aiohttp.ClientTimeout(5)) as response:
            lines = (await response.text()).splitlines()
        pairs = [line.rsplit(" ", 1) for line in lines if line.startswith((*_STILL_TO_DO, _DONE))]
        return {name: float(number) for name, number in pairs}
    return None


def _sum(numbers: dict[str, float], *names: str) -> float:
    return sum(number for name, number in numbers.items() if name.startswith(names))


_STILL_TO_DO = ("ha_ingestor_websocket_ingestion_spool_events{", "ha_ingestor_websocket_ingestion_gaps_open{")
_DONE = "ha_ingestor_websocket_ingestion_events_acknowledged_total{"
