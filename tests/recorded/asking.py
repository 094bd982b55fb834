"""Asks a store every question over ranges, filters and pages, and holds each answer to the truth."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence

import msgspec
import pytest
from ha_ingestor_core.events import STATE_CHANGED
from ha_ingestor_core.service_metrics import Counter, Level
from ha_ingestor_store import Store
from ha_ingestor_store.answers import ServiceStatistics, WindowPoint
from ha_ingestor_store.questions import (
    EntityHistory,
    EntityWindows,
    Homes,
    KnownEntities,
    RecentAlerts,
    RecentEvents,
    RecentGaps,
    SilentEntities,
)
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS, TimeRange

from tests.recorded.points import BASE_NS
from tests.recorded.truth import Truth

EVER = TimeRange(BASE_NS - 60 * DAY_NS, BASE_NS + 30 * DAY_NS)
RANGES = (
    EVER,
    TimeRange(BASE_NS + 1, BASE_NS + HOUR_NS + 8),  # edges between two nanoseconds of events
    TimeRange(BASE_NS - 26 * HOUR_NS - 1, BASE_NS + 40 * MINUTE_NS),
    TimeRange(BASE_NS + 100 * DAY_NS, BASE_NS + 101 * DAY_NS),  # nothing
)
Filter = dict[str, str]
FILTERS: tuple[Filter, ...] = (
    {"entity_id": "sensor.a*"},
    {"entity_id": "*.?"},
    {"entity_id": "switch.a*b"},
    {"entity_id": "light.[x]"},
    {"entity_id": "*line\nbreak"},
    {"entity_id": "sensor.back\\slash\\"},
    {"entity_id": "sensor.a,b c=d/e"},
    {"entity_id": "sensor.100%25"},
    {"entity_id": "sensor.${r.home}"},
    {"entity_id": ""},
    {"domain": "light"},
    {"domain": 'no"where'},
    {"event_type": "ünïcode"},
    {"event_type": "call_service", "domain": "light"},
    {"event_type": STATE_CHANGED, "entity_id": "l*.küche", "domain": "light"},
)


async def ask_counts(store: Store, truth: Truth, ranges: Sequence[TimeRange] = RANGES) -> None:
    """The questions that rollups answer; over all ranges at once, as a dashboard does."""
    await asyncio.gather(*(_ask_counts(store, truth, time_range) for time_range in ranges))


async def ask_services(store: Store, truth: Truth, services: Sequence[str | None] = (None,)) -> None:
    """The questions about what services report, and about what was missed."""
    for service in services:
        await _ask_service_statistics(store, truth, EVER, service)
        assert await store.reader.latest_metrics(service) == truth.latest_metrics(service)
    await _ask_service_statistics(store, truth, RANGES[1], services[-1])
    assert await store.reader.error_rate(EVER) == truth.error_rate(EVER)
    for name in (Counter.RECEIVED, Level.QUEUE_DEPTH, "unknown"):
        for time_range, window_ns in ((RANGES[1], MINUTE_NS), (EVER, DAY_NS)):
            asked = ("websocket-ingestion", name, time_range, window_ns)
            assert await store.reader.service_trend(*asked) == truth.service_trend(*asked)
    for time_range, window_ns in ((RANGES[1], MINUTE_NS), (EVER, DAY_NS)):
        assert await store.reader.service_windows(time_range, window_ns) == truth.service_windows(time_range, window_ns)
    assert (
        await store.reader.latest_metrics("websocket-ingestion", 3) == truth.latest_metrics("websocket-ingestion")[:3]
    )
    await ask_records(store, truth)
    await ask_weather(store, truth)


async def ask_records(store: Store, truth: Truth) -> None:
    """Gaps and alerts, page by page."""
    for gaps in (RecentGaps(EVER, limit=1), RecentGaps(RANGES[1], home="ca,bin"), RecentGaps(RANGES[-1])):
        found = await store.reader.gaps(gaps)
        assert found == truth.gaps(gaps)
        if found.next_cursor:
            rest = msgspec.structs.replace(gaps, cursor=found.next_cursor)
            assert await store.reader.gaps(rest) == truth.gaps(rest)
    for alerts in (RecentAlerts(EVER, limit=1), RecentAlerts(RANGES[1], rule="lag"), RecentAlerts(RANGES[-1])):
        raised = await store.reader.alerts(alerts)
        assert raised == truth.alerts(alerts)
        if raised.next_cursor:
            earlier = msgspec.structs.replace(alerts, cursor=raised.next_cursor)
            assert await store.reader.alerts(earlier) == truth.alerts(earlier)


async def ask_weather(store: Store, truth: Truth) -> None:
    """Observations of the weather, also where a limit cuts through a nanosecond."""
    for asked, limit in ((EVER, 100), (EVER, 2), (RANGES[1], 1), (RANGES[-1], 1)):
        assert await store.reader.weather(asked, limit) == truth.weather(asked, limit)


async def ask_recent(store: Store, truth: Truth, filters: Sequence[Filter] = FILTERS) -> None:
    """The newest events, page by page."""
    for wanted in filters:
        await _ask_recent(store, truth, msgspec.structs.replace(RecentEvents(EVER), **wanted))
    await _ask_recent(store, truth, RecentEvents(EVER, limit=25))
    await _ask_recent(store, truth, RecentEvents(TimeRange(BASE_NS, BASE_NS + HOUR_NS), limit=1, domain="switch"))
    await _ask_recent(store, truth, RecentEvents(TimeRange(BASE_NS, BASE_NS + 1), entity_id="*"))
    await _ask_recent(store, truth, RecentEvents(RANGES[-1]))


async def ask_entities(store: Store, truth: Truth, entity_ids: Sequence[str]) -> None:
    """States and numbers of these entities; those of the first over all ranges, page by page."""
    assert await store.reader.homes() == truth.homes()
    for entity_id in entity_ids:
        assert await store.reader.entity_homes(entity_id) == truth.entity_homes(entity_id)
        await _ask_history(store, truth, EntityHistory("home", entity_id, EVER))
    for entity_id in (entity_ids[0], "sensor.huge", 'sensor.quo"te'):
        await _ask_windows(store, truth, EntityWindows("home", entity_id, EVER, HOUR_NS, BASE_NS + HOUR_NS))
    for known in (
        KnownEntities(EVER),
        KnownEntities(EVER, entity_ids[0], Homes(only="home")),
        KnownEntities(RANGES[-1]),
    ):
        assert await store.reader.known_entities(known) == truth.known_entities(known)
    for time_range in RANGES[1:]:
        await _ask_history(store, truth, EntityHistory("home", entity_ids[0], time_range, limit=2))
    for time_range in (RANGES[1], RANGES[-1]):
        await _ask_windows(
            store, truth, EntityWindows("home", entity_ids[0], time_range, HOUR_NS, BASE_NS + HOUR_NS, limit=3)
        )
    for limit in (3, 100):
        for before_ns in (BASE_NS + HOUR_NS, None):
            question = SilentEntities(BASE_NS + DAY_NS, before_ns, limit=limit)
            assert await store.reader.silent_entities(question) == truth.silent_entities(question)
    await _ask_windows(store, truth, EntityWindows("home", entity_ids[0], EVER, 7 * DAY_NS, BASE_NS + HOUR_NS))


async def _ask_counts(store: Store, truth: Truth, time_range: TimeRange) -> None:
    statistics = await store.reader.event_statistics(time_range)
    assert msgspec.structs.replace(
        statistics, by_event_type=_positive(statistics.by_event_type), by_domain=_positive(statistics.by_domain)
    ) == truth.event_statistics(time_range)
    assert await store.reader.event_count(time_range) == truth.event_count(time_range)
    is_short = time_range.end_ns - time_range.start_ns < 2 * HOUR_NS
    for window_ns in (7 * HOUR_NS, MINUTE_NS if is_short else DAY_NS):
        assert await store.reader.event_trend(time_range, window_ns) == truth.event_trend(time_range, window_ns)
    assert await store.reader.busiest_entities(time_range, 7) == truth.busiest_entities(time_range, 7)


async def _ask_service_statistics(store: Store, truth: Truth, time_range: TimeRange, service: str | None) -> None:
    answer = await store.reader.service_statistics(time_range, service)
    expected = truth.service_statistics(time_range, service)
    assert list(map(msgspec.structs.asdict, answer)) == list(map(_rounded, expected))


async def _ask_recent(store: Store, truth: Truth, question: RecentEvents) -> None:
    while True:
        page = await store.reader.recent_events(question)
        assert page == truth.recent_events(question)
        if page.next_cursor is None:
            return
        question = msgspec.structs.replace(question, cursor=page.next_cursor)


async def _ask_history(store: Store, truth: Truth, question: EntityHistory) -> None:
    while True:
        page = await store.reader.entity_history(question)
        assert page == truth.entity_history(question)
        if page.next_after_ns is None:
            return
        question = msgspec.structs.replace(question, after_ns=page.next_after_ns)


async def _ask_windows(store: Store, truth: Truth, question: EntityWindows) -> None:
    while True:
        page, expected = await store.reader.entity_windows(question), truth.entity_windows(question)
        assert (page.unit, page.next_after_ns) == (expected.unit, expected.next_after_ns)
        assert list(map(_without_mean, page.points)) == list(map(_without_mean, expected.points))
        for point, true in zip(page.points, expected.points, strict=True):
            assert math.isclose(point.mean, true.mean, rel_tol=1e-9)
        if page.next_after_ns is None:
            return
        question = msgspec.structs.replace(question, after_ns=page.next_after_ns)


def _positive(counts: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}


def _without_mean(point: WindowPoint) -> WindowPoint:
    return msgspec.structs.replace(point, mean=0.0)


def _rounded(statistics: ServiceStatistics) -> dict[str, object]:
    return {
        name: pytest.approx(value) if isinstance(value, float) else value
        for name, value in msgspec.structs.asdict(statistics).items()
    }
