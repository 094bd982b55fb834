"""The contract of every dialect: random events are written, and the answers must be those of brute force."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

import msgspec
import pytest
from ha_ingestor_core.alerts import Alert
from ha_ingestor_core.alive import Alive
from ha_ingestor_core.events import STATE_CHANGED, OriginKind
from ha_ingestor_core.gaps import Gap
from ha_ingestor_core.reporting.totals import Totals
from ha_ingestor_core.service_metrics import (
    LATENCY_BOUNDS_MS,
    LATENCY_BUCKETS,
    LATENCY_SUM,
    Counter,
    Level,
    ServiceMetricsPoint,
    latency_quantile,
)
from ha_ingestor_store import Store
from ha_ingestor_store.answers import AlertPage, EntityCount, EventPage, GapPage, ServiceWindow, WindowPoint
from ha_ingestor_store.points import EventPoint, Weather, WeatherObservation
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
from ha_ingestor_store.store import Tally
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS, TimeRange
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.conftest import OpenStore, roll_up
from tests.contract.oracle import Oracle
from tests.contract.strategies import (
    BASE_NS,
    OBSERVED,
    alerts,
    event_points,
    gaps,
    moments,
    observations,
    service_reports,
    signs_of_life,
    time_ranges,
)

FOREVER = TimeRange(BASE_NS - 100 * DAY_NS, BASE_NS + 100 * DAY_NS)
batches = st.lists(st.tuples(st.lists(event_points(), max_size=25), moments()), max_size=5)
random_cases = settings(
    max_examples=settings().max_examples * 4 // 10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


Batches = list[tuple[list[EventPoint], int | None]]
"""The batches, and the time of the rollups after each, if any."""


async def written(store: Store, event_batches: Batches) -> Oracle:
    """Write every batch, and the last one again; the counts of each write must be those of the oracle."""
    oracle = Oracle()
    await store.writer.write_weather(OBSERVED)
    for batch, now_ns in [*event_batches, *event_batches[-1:]]:
        assert await store.writer.write_events(batch) == oracle.write_events(batch)
        if now_ns is not None:
            await roll_up(store, now_ns)
    return oracle


@given(event_batches=batches)
@random_cases
async def test_tallies_add_up_with_what_became_of_the_points(
    open_empty_store: OpenStore, event_batches: Batches
) -> None:
    """Only if the store keeps totals; a store without transactions declares that."""
    async with open_empty_store() as store:
        expected, oracle = Totals(), Oracle()
        for number, (batch, _) in enumerate(event_batches):
            counted = Totals(received=len(batch) + 3, filtered=2, rejected=1, time_ns=number)
            result = await store.writer.write_events(batch, Tally("pipeline", counted))
            assert result == oracle.write_events(batch)
            expected += msgspec.structs.replace(counted, written=result.written, duplicate=result.duplicate)
        assert await store.writer.totals("pipeline") in (None, expected)
        assert await store.writer.totals("another") in (None, Totals())
        assert (await store.writer.totals("pipeline") is not None) == store.capabilities.transactional_rollups


@given(event_batches=batches, time_range=time_ranges())
@random_cases
async def test_statistics_count_every_event_once(
    open_empty_store: OpenStore, event_batches: Batches, time_range: TimeRange
) -> None:
    async with open_empty_store() as store:
        oracle = await written(store, event_batches)
        for asked in (time_range, FOREVER):
            answer, truth = await store.reader.event_statistics(asked), oracle.event_statistics(asked)
            assert answer.total == truth.total
            assert {k: n for k, n in answer.by_event_type.items() if n} == truth.by_event_type
            assert {k: n for k, n in answer.by_domain.items() if n} == truth.by_domain
            assert answer.coverage == truth.coverage
            assert await store.reader.event_count(asked) == oracle.event_count(asked)


# plan: success-history
@given(
    event_batches=batches,
    time_range=time_ranges(),
    window_ns=st.sampled_from([MINUTE_NS, 5 * MINUTE_NS, HOUR_NS, 7 * HOUR_NS, DAY_NS, 7 * DAY_NS, 90 * MINUTE_NS]),
)
@random_cases
async def test_trend_adds_up_window_by_window(
    open_empty_store: OpenStore, event_batches: Batches, time_range: TimeRange, window_ns: int
) -> None:
    async with open_empty_store() as store:
        oracle = await written(store, event_batches)
        trend = await store.reader.event_trend(time_range, window_ns)
        assert trend == oracle.event_trend(time_range, window_ns)
        assert sum(point.count for point in trend) == (await store.reader.event_statistics(time_range)).total


@given(
    event_batches=batches,
    time_range=time_ranges(),
    entity_id=st.sampled_from([None, "*", "sensor.*", "*.?", "light.[x]", "*line\nbreak", "nothing", ""]),
    domain=st.sampled_from([None, "sensor", "light", "nothing"]),
    event_type=st.sampled_from([None, STATE_CHANGED, "call_service", "ünïcode"]),
    area=st.sampled_from([None, None, "Küche", "a,b c=d", "nowhere"]),
    limit=st.integers(1, 7),
)
@random_cases
async def test_pages_hold_every_event_exactly_once_and_unchanged(
    open_empty_store: OpenStore,
    event_batches: Batches,
    time_range: TimeRange,
    entity_id: str | None,
    domain: str | None,
    event_type: str | None,
    area: str | None,
    limit: int,
) -> None:
    async with open_empty_store() as store:
        oracle = await written(store, event_batches)
        for asked in (time_range, FOREVER):
            page: EventPage | None = None
            while page is None or page.next_cursor:
                question = RecentEvents(
                    time_range=asked,
                    entity_id=entity_id,
                    domain=domain,
                    event_type=event_type,
                    area=area,
                    limit=limit,
                    cursor=page.next_cursor if page else None,
                )
                page = await store.reader.recent_events(question)
                assert page == oracle.recent_events(question)


@given(event_batches=batches, time_range=time_ranges(), limit=st.integers(1, 50))
@random_cases
async def test_history_tells_every_state_as_it_was_sent(
    open_empty_store: OpenStore, event_batches: Batches, time_range: TimeRange, limit: int
) -> None:
    async with open_empty_store() as store:
        oracle = await written(store, event_batches)
        assert await store.reader.homes() == oracle.homes()
        for entity_id in {p.entity_id for p in oracle.points.values() if p.entity_id} | {"sensor.nobody"}:
            homes = await store.reader.entity_homes(entity_id)
            assert homes == oracle.entity_homes(entity_id)
            for home in homes or ["home"]:
                for asked in (time_range, FOREVER):
                    question = EntityHistory(home, entity_id, asked, limit)
                    while True:
                        page = await store.reader.entity_history(question)
                        assert page == oracle.entity_history(question)
                        if page.next_after_ns is None:
                            break
                        question = msgspec.structs.replace(question, after_ns=page.next_after_ns)


@given(
    event_batches=batches,
    time_range=time_ranges(),
    window_ns=st.sampled_from([10 * MINUTE_NS, HOUR_NS, DAY_NS, 7 * HOUR_NS]),
    limit=st.integers(1, 300),
    later_ns=st.integers(-DAY_NS, DAY_NS),
)
@random_cases
async def test_windows_of_an_entity_hold_its_numbers(
    open_empty_store: OpenStore,
    event_batches: Batches,
    time_range: TimeRange,
    window_ns: int,
    limit: int,
    later_ns: int,
) -> None:
    async with open_empty_store() as store:
        oracle = await written(store, event_batches)
        for asked, pages in ((time_range, 30), (FOREVER, 5)):
            question = EntityWindows("home", "sensor.a", asked, window_ns, BASE_NS + later_ns, limit)
            for _ in range(pages):
                page, truth = await store.reader.entity_windows(question), oracle.entity_windows(question)
                assert (page.unit, page.next_after_ns) == (truth.unit, truth.next_after_ns)
                assert list(map(without_mean, page.points)) == list(map(without_mean, truth.points))
                for point, true in zip(page.points, truth.points, strict=True):
                    largest = max(abs(true.min), abs(true.max))
                    assert math.isclose(point.mean, true.mean, rel_tol=1e-9, abs_tol=largest * 1e-9)
                if page.next_after_ns is None:
                    break
                question = msgspec.structs.replace(question, after_ns=page.next_after_ns)


def without_mean(point: WindowPoint) -> WindowPoint:
    return msgspec.structs.replace(point, mean=0.0)


def measured(minute: float, value: float, unit: str | None, home: str = "home") -> EventPoint:
    """The measurement of a sensor a number of minutes after BASE_NS."""
    return EventPoint(
        home=home,
        event_type=STATE_CHANGED,
        time_ns=BASE_NS + int(minute * MINUTE_NS),
        domain="sensor",
        entity_id="sensor.a",
        state=str(value),
        value=value,
        unit=unit,
    )


async def windows_of(store: Store, minutes: int = 30, **fields: Any) -> list[WindowPoint]:
    """Return the half hours of sensor.a since BASE_NS, which is the start of one."""
    now_ns = BASE_NS + minutes * MINUTE_NS
    question = EntityWindows("home", "sensor.a", TimeRange(BASE_NS, now_ns), 30 * MINUTE_NS, now_ns)
    return (await store.reader.entity_windows(msgspec.structs.replace(question, **fields))).points


async def test_a_sensor_that_changes_its_unit_keeps_each_point_its_own(open_empty_store: OpenStore) -> None:
    async with open_empty_store() as store:
        await store.writer.write_events([measured(0, 20.0, "°C"), measured(10, 68.0, "°F"), measured(20, 70.7, "°F")])
        page = await store.reader.entity_history(EntityHistory("home", "sensor.a", FOREVER))
        assert [(point.value, point.unit) for point in page.points] == [(20.0, "°C"), (68.0, "°F"), (70.7, "°F")]
        assert page.unit == "°F"


async def test_windows_convert_to_the_latest_unit_and_say_so(open_empty_store: OpenStore) -> None:
    async with open_empty_store() as store:
        await store.writer.write_events([measured(0, 20.0, "°C"), measured(10, 68.0, "°F"), measured(20, 71.0, "°F")])
        (point,) = await windows_of(store)
        assert (point.min, point.max, point.unit, point.count) == (68.0, 71.0, "°F", 3)
        assert point.mean == pytest.approx(69.0)
        assert point.converted_from == ("°C",)


async def test_units_that_do_not_convert_are_windows_of_their_own(open_empty_store: OpenStore) -> None:
    async with open_empty_store() as store:
        await store.writer.write_events([measured(0, 100.0, "W"), measured(10, 7.0, "kWh"), measured(20, 8.0, None)])
        points = await windows_of(store)
        assert [(point.start_ns, point.unit, point.mean, point.count) for point in points] == [
            (BASE_NS, None, 8.0, 1),
            (BASE_NS, "W", 100.0, 1),
            (BASE_NS, "kWh", 7.0, 1),
        ]


async def test_a_mean_is_weighted_by_time_and_a_value_holds_until_the_next(open_empty_store: OpenStore) -> None:
    async with open_empty_store() as store:
        await store.writer.write_events([measured(-50, 10.0, "W"), measured(3, 110.0, "W"), measured(6, 20.0, "W")])
        first, second = await windows_of(store, minutes=60)
        assert (first.min, first.max, first.count) == (10.0, 110.0, 2)
        assert first.mean == pytest.approx((10 * 3 + 110 * 3 + 20 * 24) / 30)
        assert (second.min, second.mean, second.max, second.count) == (20.0, 20.0, 20.0, 0)


async def test_time_in_which_nothing_is_known_does_not_count(open_empty_store: OpenStore) -> None:
    lost = msgspec.structs.replace(measured(10, 0.0, "W"), state="unavailable", value=None)
    async with open_empty_store() as store:
        await store.writer.write_events([measured(0, 10.0, "W"), lost, measured(25, 40.0, "W")])
        (point,) = await windows_of(store)
        assert point.mean == pytest.approx((10 * 10 + 40 * 5) / 15)
        assert point.count == 2


async def test_a_value_ends_now_and_not_with_the_range(open_empty_store: OpenStore) -> None:
    async with open_empty_store() as store:
        await store.writer.write_events([measured(0, 10.0, "W")])
        points = await windows_of(store, time_range=FOREVER, now_ns=BASE_NS + 61 * MINUTE_NS)
        assert [point.start_ns for point in points] == [BASE_NS + n * 30 * MINUTE_NS for n in range(3)]
        ahead = await windows_of(store, time_range=FOREVER, now_ns=BASE_NS - HOUR_NS)
        assert [(point.start_ns, point.mean) for point in ahead] == [(BASE_NS, 10.0)]


async def test_homes_are_never_mixed(open_empty_store: OpenStore) -> None:
    """The same id in two homes is two entities, also in the same nanosecond."""
    async with open_empty_store() as store:
        await store.writer.write_events([measured(0, 10.0, "W"), measured(0, 90.0, "W", home="cabin")])
        assert await store.reader.homes() == ["cabin", "home"]
        assert await store.reader.entity_homes("sensor.a") == ["cabin", "home"]
        assert [(p.min, p.mean, p.max) for p in await windows_of(store)] == [(10.0, 10.0, 10.0)]
        assert [(p.min, p.mean, p.max) for p in await windows_of(store, home="cabin")] == [(90.0, 90.0, 90.0)]
        busiest = await store.reader.busiest_entities(FOREVER)
        assert busiest == [EntityCount("cabin", "sensor.a", 1), EntityCount("home", "sensor.a", 1)]
        assert await store.reader.busiest_entities(FOREVER, homes=Homes(only="home")) == busiest[1:]
        silent = SilentEntities(BASE_NS + DAY_NS, before_ns=BASE_NS + HOUR_NS, limit=1)
        for home in ("cabin", "home"):
            (found,) = await store.reader.silent_entities(msgspec.structs.replace(silent, homes=Homes(only=home)))
            assert found.home == home


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_no_page_of_one_home_loses_what_another_has_in_the_same_nanosecond(
    open_empty_store: OpenStore, limit: int
) -> None:
    async with open_empty_store() as store:
        points = [measured(n, float(n), "W", home) for n in range(4) for home in ("cabin", "home")]
        await store.writer.write_events(points)
        for home in ("cabin", "home"):
            found: list[float | None] = []
            question = EntityHistory(home, "sensor.a", FOREVER, limit)
            while True:
                page = await store.reader.entity_history(question)
                found += [point.value for point in page.points]
                if page.next_after_ns is None:
                    break
                question = msgspec.structs.replace(question, after_ns=page.next_after_ns)
            assert found == [0.0, 1.0, 2.0, 3.0]
        events: list[EventPoint] = []
        recent = RecentEvents(FOREVER, entity_id="sensor.a", limit=limit)
        while True:
            newest = await store.reader.recent_events(recent)
            events += newest.events
            if newest.next_cursor is None:
                break
            recent = msgspec.structs.replace(recent, cursor=newest.next_cursor)
        assert [(e.home, e.value) for e in events] == [(h, float(n)) for n in (3, 2, 1, 0) for h in ("cabin", "home")]


@given(event_batches=batches, time_range=time_ranges())
@random_cases
async def test_entities_are_known_by_their_newest_state(
    open_empty_store: OpenStore, event_batches: Batches, time_range: TimeRange
) -> None:
    async with open_empty_store() as store:
        oracle = await written(store, event_batches)
        for asked in (time_range, FOREVER):
            for homes in (Homes(), Homes(only="cabin")):
                for entity_id in (None, "sensor.a"):
                    question = KnownEntities(asked, entity_id, homes)
                    assert await store.reader.known_entities(question) == oracle.known_entities(question)


@given(event_batches=batches, time_range=time_ranges(), limit=st.integers(1, 5))
@random_cases
async def test_busiest_entities_are_found_by_their_present_name(
    open_empty_store: OpenStore, event_batches: Batches, time_range: TimeRange, limit: int
) -> None:
    async with open_empty_store() as store:
        oracle = await written(store, event_batches)
        for asked in (time_range, FOREVER):
            assert await store.reader.busiest_entities(asked, limit) == oracle.busiest_entities(asked, limit)
        everybody = await store.reader.busiest_entities(FOREVER, 1000)
        assert sum(entity.count for entity in everybody) == sum(1 for p in oracle.points.values() if p.entity_id)


@given(
    event_batches=batches,
    signs=st.lists(signs_of_life(), max_size=10),
    time_range=time_ranges(),
    limit=st.integers(1, 5),
    factor=st.sampled_from([1.0, 2.0, 0.5]),
)
@random_cases
async def test_silent_entities_are_found(
    open_empty_store: OpenStore,
    event_batches: Batches,
    signs: list[Alive],
    time_range: TimeRange,
    limit: int,
    factor: float,
) -> None:
    async with open_empty_store() as store:
        oracle = await written(store, event_batches)
        signs = [sign for sign in signs if any(is_about(p, sign) for p in oracle.points.values())]
        await store.writer.write_alive(signs)
        oracle.write_alive(signs)
        for before_ns in (time_range.start_ns, FOREVER.end_ns, None):
            for now_ns in (BASE_NS + DAY_NS, BASE_NS + 35 * DAY_NS):
                question = SilentEntities(now_ns, before_ns, factor, limit)
                assert await store.reader.silent_entities(question) == oracle.silent_entities(question)


def is_about(point: EventPoint, sign: Alive) -> bool:
    return (point.home, point.entity_id, point.event_type) == (sign.home, sign.entity_id, STATE_CHANGED)


def changes(entity_id: str, hours: Iterable[float], home: str = "home") -> list[EventPoint]:
    """Return state changes a number of hours before BASE_NS, at 1:30 past the hour."""
    return [
        EventPoint(
            home=home,
            event_type=STATE_CHANGED,
            time_ns=BASE_NS + 90 * 1_000_000_000 - round(hour * HOUR_NS),
            domain=entity_id.partition(".")[0],
            entity_id=entity_id,
            state=str(n),
            value=float(n),
        )
        for n, hour in enumerate(sorted(hours, reverse=True))
    ]


def renamed(old: str, new: str, hours_ago: float, home: str = "home") -> EventPoint:
    data = {"action": "update", "entity_id": new, "old_entity_id": old}
    return EventPoint(
        home=home,
        event_type="entity_registry_updated",
        time_ns=BASE_NS - round(hours_ago * HOUR_NS),
        domain=new.partition(".")[0],
        entity_id=new,
        data=msgspec.json.encode(data).decode(),
    )


async def test_each_entity_is_held_against_its_own_rhythm(open_empty_store: OpenStore) -> None:
    quarters = [n / 4 for n in range(24 * 4 * 10)]
    points = [
        *changes("sensor.busy", quarters),
        *changes("sensor.dead_for_five_hours", [hour for hour in quarters if hour >= 5]),
        *changes("sensor.twice_a_day", range(11, 24 * 10, 12)),
        *changes("sensor.by_day", [hour for hour in quarters if 8 <= hour % 24 < 20]),
        *changes("sensor.new", [6, 7, 8, 9, 10, 30, 40]),
        *changes("sensor.once_a_week", range(100, 24 * 30, 24 * 7)),
        *changes("sensor.dead_for_days", range(24 * 4, 24 * 14)),
    ]
    async with open_empty_store() as store:
        await store.writer.write_events(points)
        await roll_up(store, BASE_NS + DAY_NS)
        now_ns = BASE_NS + 90 * 1_000_000_000
        silent = await store.reader.silent_entities(SilentEntities(now_ns))
        assert [(s.entity_id, s.factor, s.usual_ns) for s in silent] == [
            ("sensor.dead_for_days", 96.0, HOUR_NS),
            ("sensor.dead_for_five_hours", 5.0, HOUR_NS),
        ]
        # a sign of life ends the silence; with a fixed period all entities are listed, whatever their usual interval
        await store.writer.write_alive([Alive("home", "sensor.dead_for_five_hours", now_ns - HOUR_NS)])
        assert [s.entity_id for s in await store.reader.silent_entities(SilentEntities(now_ns))] == [
            "sensor.dead_for_days"
        ]
        by_clock = await store.reader.silent_entities(SilentEntities(now_ns, before_ns=now_ns))
        assert [s.entity_id for s in by_clock] == [
            "sensor.once_a_week",
            "sensor.dead_for_days",
            "sensor.twice_a_day",
            "sensor.by_day",
            "sensor.new",
            "sensor.dead_for_five_hours",
        ]
        alive = by_clock[-1]
        assert (alive.seen_ns, alive.changed_ns) == (now_ns - HOUR_NS, now_ns - 5 * HOUR_NS)


async def test_a_constant_value_counts_as_alive_beyond_the_look_back(open_empty_store: OpenStore) -> None:
    async with open_empty_store() as store:
        await store.writer.write_events(changes("sensor.constant", [24 * 50]))
        await roll_up(store, BASE_NS + DAY_NS)
        for day in range(10, 1, -1):
            for hour in range(24):
                await store.writer.write_alive(
                    [Alive("home", "sensor.constant", BASE_NS - day * DAY_NS + hour * HOUR_NS)]
                )
        (silent,) = await store.reader.silent_entities(SilentEntities(BASE_NS))
        assert (silent.entity_id, silent.usual_ns, silent.silent_ns) == ("sensor.constant", HOUR_NS, 25 * HOUR_NS)
        assert silent.changed_ns == changes("sensor.constant", [24 * 50])[0].time_ns


async def test_a_history_goes_on_through_renames(open_empty_store: OpenStore) -> None:
    """a → b → c, while another entity takes the id a; the same ids in another home are independent."""
    points = [
        *changes("sensor.a", [50, 40]),
        renamed("sensor.a", "sensor.b", 35),
        *changes("sensor.b", [30]),
        renamed("sensor.b", "sensor.c", 25),
        *changes("sensor.c", [20, 10]),
        *changes("sensor.a", [15, 5]),
        *changes("sensor.a", [33], home="cabin"),
        *changes("sensor.c", [18], home="cabin"),
    ]
    async with open_empty_store() as store:
        await store.writer.write_events(points)

        async def ages(home: str, entity_id: str, limit: int = 2) -> list[float]:
            found: list[int] = []
            after_ns: int | None = None
            while True:
                page = await store.reader.entity_history(EntityHistory(home, entity_id, FOREVER, limit, after_ns))
                found += [point.time_ns for point in page.points]
                after_ns = page.next_after_ns
                if after_ns is None:
                    return [round((BASE_NS - time_ns) / HOUR_NS) for time_ns in found]

        assert await ages("home", "sensor.c") == [50, 40, 30, 20, 10]
        assert await ages("cabin", "sensor.c") == [18]
        assert await ages("home", "sensor.a") == [15, 5]
        assert await ages("cabin", "sensor.a") == [33]
        assert await ages("home", "sensor.b") == []
        assert await store.reader.entity_homes("sensor.c") == ["cabin", "home"]
        windows = await store.reader.entity_windows(EntityWindows("home", "sensor.c", FOREVER, 100 * DAY_NS, BASE_NS))
        assert sum(point.count for point in windows.points) == 5
        recent = await store.reader.recent_events(RecentEvents(FOREVER, entity_id="sensor.c", limit=3))
        assert [event.entity_id for event in recent.events] == ["sensor.c", "sensor.c", "sensor.c"]
        assert recent.next_cursor is not None
        rest = await store.reader.recent_events(RecentEvents(FOREVER, entity_id="sensor.c", cursor=recent.next_cursor))
        assert [e.entity_id for e in rest.events] == ["sensor.c", "sensor.b", "sensor.b", "sensor.a", "sensor.a"]
        busiest = await store.reader.busiest_entities(FOREVER)
        assert [(entity.home, entity.entity_id, entity.count) for entity in busiest] == [
            ("home", "sensor.c", 7),
            ("home", "sensor.a", 2),
            ("cabin", "sensor.a", 1),
            ("cabin", "sensor.c", 1),
        ]


async def test_a_renamed_entity_keeps_its_rhythm_and_its_old_name_is_not_silent(open_empty_store: OpenStore) -> None:
    async with open_empty_store() as store:
        await store.writer.write_events(
            [
                *changes("sensor.old", range(30, 24 * 10)),
                renamed("sensor.old", "sensor.new", 29),
                *changes("sensor.new", range(20, 29)),
            ]
        )
        await roll_up(store, BASE_NS + DAY_NS)
        (silent,) = await store.reader.silent_entities(SilentEntities(BASE_NS + 90 * 1_000_000_000))
        assert (silent.entity_id, silent.factor) == ("sensor.new", 20.0)


@given(reports=service_reports(), now_ns=moments(), time_range=time_ranges())
@random_cases
async def test_services_are_summed_never_averaged(
    open_empty_store: OpenStore, reports: list[list[ServiceMetricsPoint]], now_ns: int | None, time_range: TimeRange
) -> None:
    oracle = Oracle()
    async with open_empty_store() as store:
        for report in [*reports, *reports[-1:]]:
            await store.writer.write_service_metrics(report)
            oracle.write_service_metrics(report)
            if now_ns is not None:
                await roll_up(store, now_ns)
        for asked in (time_range, FOREVER):
            truth = oracle.service_sums(asked)
            answer = await store.reader.service_statistics(asked)
            assert [s.service for s in answer] == sorted(truth)
            for service in answer:
                sums = truth[service.service]
                assert service.counters == {c.value: sums[c.value] for c in Counter}
                if sums[LATENCY_BUCKETS[-1]]:
                    expected = latency_quantile(0.95, [sums[name] for name in LATENCY_BUCKETS])
                    assert service.processing_time_ms_p95 == pytest.approx(expected)
            assert await store.reader.error_rate(asked) == oracle.error_rate(asked)


@given(
    reports=service_reports(),
    now_ns=moments(),
    time_range=time_ranges(),
    window_ns=st.sampled_from([MINUTE_NS, 90 * MINUTE_NS, HOUR_NS, 6 * HOUR_NS, DAY_NS, 3 * DAY_NS]),
    name=st.sampled_from([Counter.RECEIVED, LATENCY_BUCKETS[-1], Level.QUEUE_DEPTH]),
)
@random_cases
async def test_trend_of_a_service_is_that_of_its_reports(
    open_empty_store: OpenStore,
    reports: list[list[ServiceMetricsPoint]],
    now_ns: int | None,
    time_range: TimeRange,
    window_ns: int,
    name: str,
) -> None:
    oracle = Oracle()
    async with open_empty_store() as store:
        for report in [*reports, *reports[-1:]]:
            await store.writer.write_service_metrics(report)
            oracle.write_service_metrics(report)
            if now_ns is not None:
                await roll_up(store, now_ns)
        for asked in (time_range, FOREVER):
            for service in oracle.service_sums(asked):
                found = await store.reader.service_trend(service, name, asked, window_ns)
                truth = oracle.service_trend(service, name, asked, window_ns)
                assert [point.start_ns for point in found] == [point.start_ns for point in truth]
                assert [point.value for point in found] == pytest.approx([point.value for point in truth])


@given(
    reports=service_reports(),
    now_ns=moments(),
    time_range=time_ranges(),
    window_ns=st.sampled_from([MINUTE_NS, 90 * MINUTE_NS, HOUR_NS, 6 * HOUR_NS, DAY_NS, 3 * DAY_NS]),
)
@random_cases
async def test_windows_of_services_are_those_of_their_reports(
    open_empty_store: OpenStore,
    reports: list[list[ServiceMetricsPoint]],
    now_ns: int | None,
    time_range: TimeRange,
    window_ns: int,
) -> None:
    oracle = Oracle()
    async with open_empty_store() as store:
        for report in [*reports, *reports[-1:]]:
            await store.writer.write_service_metrics(report)
            oracle.write_service_metrics(report)
            if now_ns is not None:
                await roll_up(store, now_ns)
        for asked in (time_range, FOREVER):
            for service in (None, *oracle.service_sums(asked)):
                found = await store.reader.service_windows(asked, window_ns, service)
                truth = oracle.service_windows(asked, window_ns, service)
                assert [(each.service, each.start_ns, each.counters) for each in found] == [
                    (each.service, each.start_ns, each.counters) for each in truth
                ]
                for name in ServiceWindow.__struct_fields__[3:]:
                    values, expected = ([getattr(each, name) for each in some] for some in (found, truth))
                    assert values == pytest.approx(expected)


@given(
    writes=st.lists(st.lists(alerts(), max_size=8), max_size=3),
    time_range=time_ranges(),
    rule=st.sampled_from([None, "lag", "nothing"]),
    limit=st.integers(1, 4),
)
@random_cases
async def test_alerts_are_kept_in_their_last_version(
    open_empty_store: OpenStore, writes: list[list[Alert]], time_range: TimeRange, rule: str | None, limit: int
) -> None:
    oracle = Oracle()
    async with open_empty_store() as store:
        for write in [*writes, *writes[-1:]]:
            await store.writer.write_alerts(write)
            oracle.write_alerts(write)
        for asked in (time_range, FOREVER):
            page: AlertPage | None = None
            while page is None or page.next_cursor:
                question = RecentAlerts(asked, rule, limit, page.next_cursor if page else None)
                page = await store.reader.alerts(question)
                assert page == oracle.alerts(question)


@given(
    writes=st.lists(st.lists(gaps(), max_size=8), max_size=3),
    time_range=time_ranges(),
    home=st.sampled_from([None, "home", "ho,me =%\n", "nobody"]),
    limit=st.integers(1, 4),
)
@random_cases
async def test_gaps_are_kept_in_their_last_version(
    open_empty_store: OpenStore, writes: list[list[Gap]], time_range: TimeRange, home: str | None, limit: int
) -> None:
    oracle = Oracle()
    async with open_empty_store() as store:
        for write in [*writes, *writes[-1:]]:
            await store.writer.write_gaps(write)
            oracle.write_gaps(write)
        for asked in (time_range, FOREVER):
            page: GapPage | None = None
            while page is None or page.next_cursor:
                question = RecentGaps(asked, home, limit, page.next_cursor if page else None)
                page = await store.reader.gaps(question)
                assert page == oracle.gaps(question)


async def test_live_beats_snapshot_beats_backfill_in_any_order(open_empty_store: OpenStore) -> None:
    def version(kind: OriginKind) -> EventPoint:
        return EventPoint(
            home="home",
            event_type=STATE_CHANGED,
            time_ns=BASE_NS,
            domain="light",
            entity_id="light.a",
            state="on",
            friendly_name=kind.value,
            origin_kind=kind,
        )

    async with open_empty_store() as store:
        for kind in (OriginKind.BACKFILL, OriginKind.LIVE, OriginKind.SNAPSHOT):
            await store.writer.write_events([version(kind)])
        page = await store.reader.recent_events(RecentEvents(FOREVER))
        assert [(p.origin_kind, p.friendly_name) for p in page.events] == [(OriginKind.LIVE, "live")]
        assert (await store.reader.event_statistics(FOREVER)).total == 1


def simultaneous(*entity_ids: str) -> list[EventPoint]:
    """Return a state change of each entity in one nanosecond."""
    return [
        EventPoint(home="home", event_type=STATE_CHANGED, time_ns=BASE_NS, domain="light", entity_id=e, state="on")
        for e in entity_ids
    ]


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_no_page_skips_events_of_one_nanosecond(open_empty_store: OpenStore, limit: int) -> None:
    points = simultaneous("light.a", "light.b", "light.c", "light.d", "light.e")
    async with open_empty_store() as store:
        for point in points:
            await store.writer.write_events([point])
        for question in (RecentEvents(FOREVER, limit=limit), RecentEvents(FOREVER, domain="light", limit=limit)):
            found: list[EventPoint] = []
            page = await store.reader.recent_events(question)
            while page.next_cursor:
                found += page.events
                page = await store.reader.recent_events(msgspec.structs.replace(question, cursor=page.next_cursor))
            assert [*found, *page.events] == points


async def test_a_cursor_from_within_a_window_never_cuts_the_next_one(open_empty_store: OpenStore) -> None:
    points = [
        EventPoint(
            home="home",
            event_type=STATE_CHANGED,
            time_ns=BASE_NS + n * MINUTE_NS,
            domain="sensor",
            entity_id="sensor.a",
            state=str(n),
            value=float(n),
        )
        for n in range(10)
    ]
    async with open_empty_store() as store:
        await store.writer.write_events(points)
        question = EntityWindows("home", "sensor.a", FOREVER, 5 * MINUTE_NS, BASE_NS, after_ns=BASE_NS + 2 * MINUTE_NS)
        page = await store.reader.entity_windows(question)
        assert [(p.start_ns, p.count) for p in page.points] == [(BASE_NS + 5 * MINUTE_NS, 5)]


async def test_a_level_alone_written_by_somebody_else_is_read(open_empty_store: OpenStore) -> None:
    point = ServiceMetricsPoint(service="test-service", time_ns=BASE_NS, levels={Level.PROCESSING_TIME_MS.value: 12.5})
    async with open_empty_store() as store:
        await store.writer.write_service_metrics([point])
        (answer,) = await store.reader.service_statistics(FOREVER)
        assert (answer.service, answer.processing_time_ms, answer.success_rate) == ("test-service", 12.5, None)
        (latest,) = await store.reader.latest_metrics()
        assert (latest.name, latest.value, latest.time_ns) == ("processing_time_ms", 12.5, BASE_NS)


async def test_latest_metrics_are_the_newest_of_each_instance(open_empty_store: OpenStore) -> None:
    def report(service: str, instance: str, at_ns: int) -> ServiceMetricsPoint:
        counters = {Counter.RECEIVED.value: at_ns - BASE_NS}
        return ServiceMetricsPoint(service=service, instance=instance, time_ns=at_ns, counters=counters)

    async with open_empty_store() as store:
        for service, instance, offsets in (("b", "", (3, 1)), ("a", "2", (1, 2)), ("a", "1", (5, 4))):
            await store.writer.write_service_metrics(
                [report(service, instance, BASE_NS + offset) for offset in offsets]
            )
        latest = await store.reader.latest_metrics()
        assert [(m.service, m.instance, m.value) for m in latest] == [("a", "1", 5), ("a", "2", 2), ("b", "", 3)]
        assert [m.instance for m in await store.reader.latest_metrics("a")] == ["1", "2"]


async def test_queues_of_several_instances_add_up(open_empty_store: OpenStore) -> None:
    def report(instance: str, offset_s: int, queued: float, lag_s: float) -> ServiceMetricsPoint:
        levels = {Level.QUEUE_DEPTH.value: queued, Level.LAG_S.value: lag_s}
        return ServiceMetricsPoint(
            service="websocket-ingestion",
            instance=instance,
            time_ns=BASE_NS + offset_s * 1_000_000_000,
            levels=levels,
        )

    reports = [
        report("1", 0, 5.0, 0.1),
        report("1/cabin", 3, 70.0, 4.0),
        report("1", 10, 6.0, 0.2),
        report("1/cabin", 13, 80.0, 5.0),
        report("ended", 0, 900.0, 50.0),
        report("1", 40, 7.0, 0.3),
    ]
    async with open_empty_store() as store:
        await store.writer.write_service_metrics(reports)
        (answer,) = await store.reader.service_statistics(FOREVER)
        assert (answer.queue_depth, answer.lag_s, answer.last_seen_ns) == (87.0, 5.0, reports[-1].time_ns)
        (answer,) = await store.reader.service_statistics(TimeRange(BASE_NS, reports[2].time_ns))
        assert (answer.queue_depth, answer.lag_s) == (975.0, 50.0)


async def test_service_trend_sums_counters_and_averages_levels(open_empty_store: OpenStore) -> None:
    points = [
        ServiceMetricsPoint(
            service="s",
            time_ns=BASE_NS + n * 10 * 1_000_000_000,
            counters={Counter.RECEIVED.value: n},
            levels={Level.QUEUE_DEPTH.value: float(n)},
        )
        for n in range(12)
    ]
    async with open_empty_store() as store:
        await store.writer.write_service_metrics(points)
        sums = await store.reader.service_trend("s", Counter.RECEIVED, FOREVER, MINUTE_NS)
        levels = await store.reader.service_trend("s", Level.QUEUE_DEPTH, FOREVER, MINUTE_NS)
        assert [p.value for p in sums] == [0 + 1 + 2 + 3 + 4 + 5, 6 + 7 + 8 + 9 + 10 + 11]
        assert [p.value for p in levels] == [2.5, 8.5]
        assert [p.start_ns for p in sums] == [BASE_NS, BASE_NS + MINUTE_NS]


async def test_a_window_has_percentiles_of_its_summed_buckets_and_the_highest_levels(
    open_empty_store: OpenStore,
) -> None:
    def report(at_s: int, fast: int, slow: int, queued: float, failed: int) -> ServiceMetricsPoint:
        buckets = {
            name: fast if bound < 1000 else fast + slow
            for name, bound in zip(LATENCY_BUCKETS, LATENCY_BOUNDS_MS, strict=True)
        }
        counters = {Counter.RECEIVED.value: fast + slow, Counter.PROCESSED.value: fast + slow - failed}
        levels = {Level.QUEUE_DEPTH.value: queued, Level.LAG_S.value: queued / 10, LATENCY_SUM: 100.0}
        return ServiceMetricsPoint(
            service="s",
            instance=str(at_s),
            time_ns=BASE_NS + at_s * 1_000_000_000,
            counters={**counters, Counter.FAILED.value: failed, **buckets},
            levels=levels,
        )

    async with open_empty_store() as store:
        # A mean of the two percentiles would be half a second.
        await store.writer.write_service_metrics(
            [report(0, 98, 0, 3.0, 0), report(10, 1, 1, 50.0, 1), report(60, 1, 0, 1.0, 0)]
        )
        first, second = await store.reader.service_windows(FOREVER, MINUTE_NS)
        assert (first.start_ns, second.start_ns) == (BASE_NS, BASE_NS + MINUTE_NS)
        assert first.counters[Counter.RECEIVED] == 100
        assert first.success_rate == 99.0
        assert first.processing_time_ms == 2.0
        assert first.processing_time_ms_p50 == pytest.approx(50 / 99)
        assert first.processing_time_ms_p95 == pytest.approx(95 / 99)
        assert (first.queue_depth_max, first.lag_s_max) == (50.0, 5.0)
        (only,) = await store.reader.service_windows(TimeRange(BASE_NS + MINUTE_NS, BASE_NS + HOUR_NS), HOUR_NS)
        assert (only.start_ns, only.counters[Counter.RECEIVED], only.queue_depth_max) == (
            BASE_NS // HOUR_NS * HOUR_NS,
            1,
            1.0,
        )


async def test_a_store_that_has_answered_tells_its_release(open_empty_store: OpenStore) -> None:
    async with open_empty_store() as store:
        await store.reader.ping()
        assert re.fullmatch(r"(SQLite )?\d+\.\d+\.\d+\S*", store.version or "")


@given(told=observations(), time_range=time_ranges(), limit=st.integers(1, 40))
@random_cases
async def test_the_weather_is_told_as_it_was_observed(
    open_empty_store: OpenStore, told: list[WeatherObservation], time_range: TimeRange, limit: int
) -> None:
    oracle = Oracle()
    oracle.write_weather(told)
    async with open_empty_store() as store:
        for _ in range(2):  # as after a lost acknowledgement
            assert await store.writer.write_weather(told) == []
        for asked in (time_range, FOREVER):
            assert await store.reader.weather(asked, limit) == oracle.weather(asked, limit)


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
async def test_observations_of_one_nanosecond_are_in_order_whatever_the_limit(
    open_empty_store: OpenStore, limit: int
) -> None:
    told = [
        WeatherObservation(home, source, BASE_NS, Weather(condition=condition, temperature_c=degrees))
        for home, source, condition, degrees in (
            ("cabin", "open-meteo", "sunny", 1.0),
            ("cabin", "weather.home", None, 2.0),
            ("home", "open-meteo", "rainy", 3.0),
            ("home", "weather.home", None, 4.0),
        )
    ]
    async with open_empty_store() as store:
        await store.writer.write_weather(told[::-1])
        assert await store.reader.weather(FOREVER, limit) == told[:limit]


async def test_an_empty_store_answers_every_question(open_empty_store: OpenStore) -> None:
    async with open_empty_store() as store:
        await store.reader.ping()
        assert (await store.reader.event_statistics(FOREVER)).total == 0
        assert (await store.reader.error_rate(FOREVER)).percent is None
        assert (await store.reader.recent_events(RecentEvents(FOREVER))).events == []
        assert await store.reader.latest_metrics() == []
        assert await store.reader.service_statistics(FOREVER) == []
        assert await store.reader.service_windows(FOREVER, DAY_NS) == []
        assert await store.reader.weather(FOREVER) == []


async def test_a_sign_of_life_by_an_id_that_was_given_up_tells_of_no_entity(open_empty_store: OpenStore) -> None:
    """A change of `old`, its rename, and a sign of life for the old id a microsecond later: it belongs to no entity."""
    renamed_at = BASE_NS - DAY_NS
    change = msgspec.structs.replace(changes("sensor.old", [1])[0], time_ns=renamed_at - 360)
    rename = msgspec.structs.replace(renamed("sensor.old", "sensor.new", 0), time_ns=renamed_at)
    async with open_empty_store() as store:
        oracle = await written(store, [([change, rename], None)])
        sign = Alive("home", "sensor.old", renamed_at + 640)
        await store.writer.write_alive([sign])
        oracle.write_alive([sign])
        await roll_up(store, BASE_NS + DAY_NS)
        for question in (SilentEntities(BASE_NS, before_ns=BASE_NS), SilentEntities(BASE_NS, factor=0.5)):
            assert await store.reader.silent_entities(question) == oracle.silent_entities(question) == []


async def test_a_renamed_entity_that_only_gives_signs_of_life_is_still_there(open_empty_store: OpenStore) -> None:
    """Its last change, with the new id, is older than the period."""
    async with open_empty_store() as store:
        events = [renamed("sensor.old", "sensor.new", 24 * 51), *changes("sensor.new", [24 * 50])]
        oracle = await written(store, [(events, None)])
        signs = [Alive("home", "sensor.new", BASE_NS - hours * HOUR_NS) for hours in range(20, 24 * 10)]
        await store.writer.write_alive(signs)
        oracle.write_alive(signs)
        await roll_up(store, BASE_NS + DAY_NS)
        for question in (SilentEntities(BASE_NS, before_ns=BASE_NS), SilentEntities(BASE_NS)):
            (silent,) = await store.reader.silent_entities(question)
            assert silent.entity_id == "sensor.new"
            assert [silent] == oracle.silent_entities(question)
