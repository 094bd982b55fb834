"""Expired data is deleted in steps, and is not counted from the first step on."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.gaps import Gap, GapReason
from ha_ingestor_core.service_metrics import ServiceMetricsPoint
from ha_ingestor_store.embedded.file.store_file import FILE_NAME
from ha_ingestor_store.embedded.store import EmbeddedStore
from ha_ingestor_store.embedded.writing import retention
from ha_ingestor_store.embedded.writing.retention import Retention
from ha_ingestor_store.points import EventPoint, Weather, WeatherObservation
from ha_ingestor_store.questions import EntityHistory, RecentEvents, RecentGaps
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS, TimeRange

NOW_NS = 100 * DAY_NS + 7 * HOUR_NS
KEPT_FROM_NS = 90 * DAY_NS
ALWAYS = TimeRange(0, NOW_NS + DAY_NS)


def event(n: int, time_ns: int) -> EventPoint:
    return EventPoint("home", "state_changed", time_ns, "sensor", f"sensor.s{n % 5}", str(n), float(n))


def events(first_day: int, last_day: int, per_day: int = 48) -> list[EventPoint]:
    step = DAY_NS // per_day
    return [event(n, first_day * DAY_NS + n * step) for n in range((last_day - first_day) * per_day)]


def report(time_ns: int, received: int = 1) -> ServiceMetricsPoint:
    return ServiceMetricsPoint("s", time_ns, counters={"events_received": received, "events_processed": received})


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[EmbeddedStore]:
    store = await EmbeddedStore.open(tmp_path, Retention(event_days=10), FakeClock(NOW_NS))
    yield store
    await store.close()


async def expire(store: EmbeddedStore) -> int:
    """Delete all that has expired; in how many steps."""
    steps = 0
    while await store.expiry.delete_expired():
        steps += 1
    return steps


def rows(tmp_path: Path, table: str) -> int:
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as db:
        found: int = db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        return found


async def test_every_answer_is_exact_and_says_from_when_at_every_step(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_EVENTS_PER_STEP", 100)
    await store.writer.write_events(events(80, 100))
    while await store.expiry.delete_expired():
        counted = await store.reader.event_count(TimeRange(85 * DAY_NS + 11, NOW_NS))
        assert (counted.total, counted.coverage.start_ns, counted.coverage.complete) == (480, KEPT_FROM_NS, False)
        statistics = await store.reader.event_statistics(ALWAYS)
        assert (statistics.total, statistics.coverage.start_ns) == (480, KEPT_FROM_NS)
        trend = await store.reader.event_trend(TimeRange(88 * DAY_NS + 30 * MINUTE_NS, 92 * DAY_NS), DAY_NS)
        assert [point.count for point in trend] == [0, 0, 48, 48]
        assert sum(entity.count for entity in await store.reader.busiest_entities(ALWAYS)) == 480
        assert (await store.reader.event_count(TimeRange(80 * DAY_NS, 85 * DAY_NS))).total == 0


async def test_what_expired_is_gone_with_its_rollups_and_the_rest_stays(store: EmbeddedStore, tmp_path: Path) -> None:
    await store.writer.write_events(events(80, 100))
    await store.writer.write_weather(
        [WeatherObservation("home", "x", day * DAY_NS, Weather("sunny")) for day in (80, 95)]
    )
    gap = Gap(home="home", start_ns=80 * DAY_NS, end_ns=81 * DAY_NS, reason=GapReason.RESTART, found_ns=0)
    await store.writer.write_gaps([gap])
    await expire(store)
    assert rows(tmp_path, "events") == 480
    for table, grain_ns in (("event_minutes", MINUTE_NS), ("event_hours", HOUR_NS), ("entity_days", DAY_NS)):
        assert rows(tmp_path, f"{table} WHERE bucket < {KEPT_FROM_NS // grain_ns}") == 0
        assert rows(tmp_path, table) > 0
    assert (rows(tmp_path, "weather_observations"), rows(tmp_path, "gaps")) == (1, 0)
    page = await store.reader.entity_history(EntityHistory("home", "sensor.s1", time_range=ALWAYS, limit=1000))
    assert min(point.time_ns for point in page.points) >= KEPT_FROM_NS
    assert await store.expiry.delete_expired() == 0


async def test_a_gap_that_lasts_keeps_no_other_gap(store: EmbeddedStore) -> None:
    long, short = (
        Gap(home="home", start_ns=start * DAY_NS, end_ns=end * DAY_NS, reason=GapReason.RESTART, found_ns=NOW_NS)
        for start, end in ((10, 95), (60, 61))
    )
    await store.writer.write_gaps([long, short])
    await expire(store)
    assert (await store.reader.gaps(RecentGaps(ALWAYS))).gaps == [long]


async def test_a_step_is_small(store: EmbeddedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "_EVENTS_PER_STEP", 100)
    await store.writer.write_events(events(80, 100))
    for left in (860, 760):
        assert await store.expiry.delete_expired() == 100
        assert rows(tmp_path, "events") == left


async def test_nothing_expires_unless_it_is_asked_for(tmp_path: Path) -> None:
    store = await EmbeddedStore.open(tmp_path, Retention(), FakeClock(NOW_NS))
    await store.writer.write_events(events(1, 3))
    assert await expire(store) == 0
    assert (await store.reader.event_count(ALWAYS)).total == 96
    assert await store.writer.kept_from_ns() is None
    await store.close()


async def test_events_are_expected_from_the_day_on_that_is_kept(store: EmbeddedStore) -> None:
    assert await store.writer.kept_from_ns() == KEPT_FROM_NS


async def test_reports_are_kept_for_two_weeks_and_their_hours_for_ever(store: EmbeddedStore, tmp_path: Path) -> None:
    reports = [report(70 * DAY_NS + n * 10 * MINUTE_NS) for n in range(30 * 144)]
    await store.writer.write_service_metrics(reports)
    before = await store.reader.service_statistics(TimeRange(70 * DAY_NS, NOW_NS))
    await expire(store)
    assert rows(tmp_path, "service_metrics") == 14 * 144
    after = await store.reader.service_statistics(TimeRange(70 * DAY_NS, NOW_NS))
    assert [each.counters for each in after] == [each.counters for each in before]
    trend = await store.reader.service_trend("s", "events_received", TimeRange(70 * DAY_NS, 100 * DAY_NS), DAY_NS)
    assert [point.value for point in trend] == [144] * 30
    # An old period is answered in whole hours.
    an_hour = TimeRange(75 * DAY_NS + 20 * MINUTE_NS, 75 * DAY_NS + 50 * MINUTE_NS)
    assert (await store.reader.service_statistics(an_hour))[0].counters["events_received"] == 6


async def test_a_report_of_an_hour_whose_reports_are_gone_changes_it_no_more(store: EmbeddedStore) -> None:
    await store.writer.write_service_metrics([report(70 * DAY_NS + n) for n in range(5)])
    await expire(store)
    await store.writer.write_service_metrics([report(70 * DAY_NS + 9, received=100)])
    (found,) = await store.reader.service_statistics(TimeRange(70 * DAY_NS, 71 * DAY_NS))
    assert found.counters["events_received"] == 5


async def test_a_clock_that_was_ahead_leaves_no_mark_in_the_future(tmp_path: Path) -> None:
    clock = FakeClock(NOW_NS)
    store = await EmbeddedStore.open(tmp_path, Retention(event_days=10), clock)
    clock.turn_to(NOW_NS + 4000 * DAY_NS)
    await expire(store)
    clock.turn_to(NOW_NS)
    await expire(store)
    await store.writer.write_events([event(n, NOW_NS + n) for n in range(7)])
    await store.writer.write_service_metrics([report(NOW_NS, received=5)])
    assert (await store.reader.event_count(ALWAYS)).total == 7
    (found,) = await store.reader.service_statistics(TimeRange(NOW_NS, NOW_NS + 1))
    assert found.counters["events_received"] == 5
    coverage = (await store.reader.event_count(TimeRange(NOW_NS, NOW_NS + DAY_NS))).coverage
    assert (coverage.start_ns, coverage.complete) == (NOW_NS, True)
    await store.close()


async def test_a_clock_that_is_ahead_deletes_and_refuses_nothing(tmp_path: Path) -> None:
    clock = FakeClock(NOW_NS)
    store = await EmbeddedStore.open(tmp_path, Retention(event_days=10), clock)
    await store.writer.write_events(events(90, 100))
    clock.turn_to(NOW_NS + 4000 * DAY_NS)
    await expire(store)
    assert (await store.reader.event_count(ALWAYS)).total == 480
    assert await store.writer.kept_from_ns() == KEPT_FROM_NS
    await store.close()


async def test_a_service_that_reported_long_ago_is_still_listed(store: EmbeddedStore) -> None:
    await store.writer.write_service_metrics([report(70 * DAY_NS)])
    await expire(store)
    assert [each.service for each in await store.reader.service_statistics(ALWAYS)] == ["s"]


async def test_new_events_take_the_room_of_the_deleted_ones(tmp_path: Path) -> None:
    clock = FakeClock(NOW_NS)
    store = await EmbeddedStore.open(tmp_path, Retention(event_days=2), clock)
    sizes = []
    for day in range(100, 112):
        clock.advance(86_400)
        await store.writer.write_events(events(day, day + 1, per_day=2_000))
        await expire(store)
        await store.close()
        sizes.append((tmp_path / FILE_NAME).stat().st_size)
        store = await EmbeddedStore.open(tmp_path, Retention(event_days=2), clock)
    await store.close()
    assert sizes[-1] <= 1.1 * sizes[4]


async def test_facts_go_with_the_last_event_that_refers_to_them(tmp_path: Path) -> None:
    clock = FakeClock(NOW_NS)
    store = await EmbeddedStore.open(tmp_path, Retention(event_days=10), clock)

    def named(name: str, day: int) -> EventPoint:
        return msgspec.structs.replace(event(1, day * DAY_NS), friendly_name=name)

    await store.writer.write_events([named("gone", 80), named("lasting", 80), named("late", 96)])
    await store.writer.write_events([named("lasting", 99), named("late", 81)])
    await expire(store)
    await store.writer.write_events([named("gone", 98), named("new", 98)])  # what was forgotten can come again
    await expire(store)
    page = await store.reader.recent_events(RecentEvents(time_range=ALWAYS))
    assert [each.friendly_name for each in page.events] == ["lasting", "gone", "late"]
    assert rows(tmp_path, "facts") == rows(tmp_path, "facts_days") == 4
    clock.advance(12 * 86_400)
    await store.writer.write_events([event(0, clock.now_ns())])
    await expire(store)
    assert rows(tmp_path, "facts") == rows(tmp_path, "facts_days") == 1
    await store.close()


async def test_a_copy_takes_the_hours_of_reports_that_are_gone(store: EmbeddedStore, tmp_path: Path) -> None:
    reports = [report(70 * DAY_NS + n * 10 * MINUTE_NS) for n in range(30 * 144)]
    await store.writer.write_service_metrics(reports)
    await expire(store)
    copy = await EmbeddedStore.open(tmp_path / "copy")
    after_ns = None
    while page := await store.exporter.export_service_metrics(after_ns, 100):
        times = [point.time_ns for point in page]
        assert times == sorted(times)
        assert after_ns is None or times[0] > after_ns
        await copy.writer.write_service_metrics(page)
        after_ns = times[-1]
    for asked in (ALWAYS, TimeRange(80 * DAY_NS, 95 * DAY_NS)):
        (original,) = await store.reader.service_statistics(asked)
        (copied,) = await copy.reader.service_statistics(asked)
        assert copied.counters == original.counters
    await copy.close()


async def test_hours_know_the_highest_levels_when_their_reports_are_gone(tmp_path: Path) -> None:
    clock = FakeClock(NOW_NS)
    store = await EmbeddedStore.open(tmp_path, Retention(report_days=10), clock)
    old = [
        ServiceMetricsPoint("s", 80 * DAY_NS + n, "i", {"events_received": 1}, {"queue_depth": float(n)})
        for n in range(3)
    ]
    await store.writer.write_service_metrics(old)
    await expire(store)
    assert rows(tmp_path, "service_metrics") == 0
    (found,) = await store.reader.service_windows(TimeRange(79 * DAY_NS, 81 * DAY_NS), HOUR_NS)
    assert (found.counters["events_received"], found.queue_depth_max) == (3, 2.0)
    await store.close()
