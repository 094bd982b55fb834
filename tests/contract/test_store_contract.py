"""The contract of every store dialect: random events in, the answers of brute force out."""

from __future__ import annotations

import math

import msgspec
import pytest
from ha_ingestor_core.delivery import ReplayOutcome
from ha_ingestor_core.events import STATE_CHANGED, OriginKind
from ha_ingestor_core.gaps import Gap
from ha_ingestor_core.service_metrics import LATENCY_BUCKETS, Counter, Level, ServiceMetricsPoint, latency_quantile
from ha_ingestor_core.totals import Totals
from ha_ingestor_store import Store
from ha_ingestor_store.answers import EventPage, GapPage, RejectedPage, WindowPoint
from ha_ingestor_store.periods import DAY_NS, HOUR_NS, MINUTE_NS, TimeRange
from ha_ingestor_store.points import EventPoint, RejectedEvent
from ha_ingestor_store.questions import EntityHistory, EntityWindows, RecentEvents, RecentGaps, RecentRejected
from ha_ingestor_store.store import Tally
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.conftest import OpenStore, roll_up
from tests.contract.oracle import Oracle
from tests.contract.strategies import (
    BASE_NS,
    event_points,
    gaps,
    moments,
    rejected_events,
    service_reports,
    time_ranges,
)

FOREVER = TimeRange(BASE_NS - 100 * DAY_NS, BASE_NS + 100 * DAY_NS)
batches = st.lists(st.tuples(st.lists(event_points(), max_size=25), moments()), max_size=5)
random_cases = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


Batches = list[tuple[list[EventPoint], int | None]]
"""What is written, and the time at which the store rolls up after each batch, if it does."""


async def written(store: Store, event_batches: Batches) -> Oracle:
    """Write every batch, and the last one again; the counts of each write are those of the oracle."""
    oracle = Oracle()
    for batch, now_ns in [*event_batches, *event_batches[-1:]]:
        assert await store.write_events(batch) == oracle.write_events(batch)
        if now_ns is not None:
            await roll_up(store, now_ns)
    return oracle


@given(event_batches=batches)
@random_cases
async def test_tallies_add_up_with_what_became_of_the_points(
    open_empty_store: OpenStore, event_batches: Batches
) -> None:
    """Where the store keeps totals, that is; one that has no transactions says so."""
    async with open_empty_store() as store:
        expected, oracle = Totals(), Oracle()
        for number, (batch, _) in enumerate(event_batches):
            counted = Totals(received=len(batch) + 3, filtered=2, rejected=1, time_ns=number)
            result = await store.write_events(batch, [], Tally("pipeline", counted))
            assert result == oracle.write_events(batch)
            expected += msgspec.structs.replace(counted, written=result.written, duplicate=result.duplicate)
        assert await store.totals("pipeline") in (None, expected)
        assert await store.totals("another") in (None, Totals())
        assert (await store.totals("pipeline") is not None) == store.capabilities.transactional_rollups


@given(event_batches=batches, time_range=time_ranges())
@random_cases
async def test_statistics_count_every_event_once(
    open_empty_store: OpenStore, event_batches: Batches, time_range: TimeRange
) -> None:
    async with open_empty_store() as store:
        oracle = await written(store, event_batches)
        for asked in (time_range, FOREVER):
            answer, truth = await store.event_statistics(asked), oracle.event_statistics(asked)
            assert answer.total == truth.total
            assert {k: n for k, n in answer.by_event_type.items() if n} == truth.by_event_type
            assert {k: n for k, n in answer.by_domain.items() if n} == truth.by_domain
            assert answer.coverage == truth.coverage
            assert await store.event_count(asked) == oracle.event_count(asked)


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
        trend = await store.event_trend(time_range, window_ns)
        assert trend == oracle.event_trend(time_range, window_ns)
        assert sum(point.count for point in trend) == (await store.event_statistics(time_range)).total


@given(
    event_batches=batches,
    time_range=time_ranges(),
    entity_id=st.sampled_from([None, "*", "home_sensor.*", "*.?", "home_light.[x]", "*line\nbreak", "nothing", ""]),
    domain=st.sampled_from([None, "sensor", "light", "nothing"]),
    event_type=st.sampled_from([None, STATE_CHANGED, "call_service", "ünïcode"]),
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
                    limit=limit,
                    cursor=page.next_cursor if page else None,
                )
                page = await store.recent_events(question)
                assert page == oracle.recent_events(question)


@given(event_batches=batches, time_range=time_ranges(), limit=st.integers(1, 50))
@random_cases
async def test_history_tells_every_state_as_it_was_sent(
    open_empty_store: OpenStore, event_batches: Batches, time_range: TimeRange, limit: int
) -> None:
    async with open_empty_store() as store:
        oracle = await written(store, event_batches)
        for entity_id in {p.entity_id for p in oracle.points.values() if p.entity_id} | {"sensor.nobody"}:
            if entity_id == "light.küche":
                continue  # only named by other events, which are no states
            for asked in (time_range, FOREVER):
                after_ns = None
                while True:
                    question = EntityHistory(entity_id, asked, limit, after_ns)
                    page = await store.entity_history(question)
                    assert page == oracle.entity_history(question)
                    after_ns = page.next_after_ns
                    if after_ns is None:
                        break


@given(
    event_batches=batches,
    time_range=time_ranges(),
    window_ns=st.sampled_from([MINUTE_NS, HOUR_NS, DAY_NS, 7 * HOUR_NS]),
    limit=st.integers(1, 5),
)
@random_cases
async def test_windows_of_an_entity_hold_its_numbers(
    open_empty_store: OpenStore,
    event_batches: Batches,
    time_range: TimeRange,
    window_ns: int,
    limit: int,
) -> None:
    async with open_empty_store() as store:
        oracle = await written(store, event_batches)
        for asked in (time_range, FOREVER):
            after_ns = None
            while True:
                question = EntityWindows("home_sensor.a", asked, window_ns, limit, after_ns)
                page, truth = await store.entity_windows(question), oracle.entity_windows(question)
                assert (page.unit, page.next_after_ns) == (truth.unit, truth.next_after_ns)
                assert list(map(without_mean, page.points)) == list(map(without_mean, truth.points))
                for point, true in zip(page.points, truth.points, strict=True):
                    largest = max(abs(true.min), abs(true.max))
                    assert math.isclose(point.mean, true.mean, rel_tol=1e-9, abs_tol=largest * 1e-12)
                after_ns = page.next_after_ns
                if after_ns is None:
                    break


def without_mean(point: WindowPoint) -> tuple[int, float, float, int]:
    return (point.start_ns, point.min, point.max, point.count)


@given(event_batches=batches, time_range=time_ranges(), limit=st.integers(1, 5))
@random_cases
async def test_busiest_and_silent_entities_are_found(
    open_empty_store: OpenStore, event_batches: Batches, time_range: TimeRange, limit: int
) -> None:
    async with open_empty_store() as store:
        oracle = await written(store, event_batches)
        for asked in (time_range, FOREVER):
            assert await store.busiest_entities(asked, limit) == oracle.busiest_entities(asked, limit)
        for before_ns in (time_range.start_ns, FOREVER.end_ns):
            assert await store.silent_entities(before_ns, limit) == oracle.silent_entities(before_ns, limit)


@given(reports=service_reports(), now_ns=moments(), time_range=time_ranges())
@random_cases
async def test_services_are_summed_never_averaged(
    open_empty_store: OpenStore, reports: list[list[ServiceMetricsPoint]], now_ns: int | None, time_range: TimeRange
) -> None:
    oracle = Oracle()
    async with open_empty_store() as store:
        for report in [*reports, *reports[-1:]]:
            await store.write_service_metrics(report)
            oracle.write_service_metrics(report)
            if now_ns is not None:
                await roll_up(store, now_ns)
        for asked in (time_range, FOREVER):
            truth = oracle.service_sums(asked)
            answer = await store.service_statistics(asked)
            assert [s.service for s in answer] == sorted(truth)
            for service in answer:
                sums = truth[service.service]
                assert service.counters == {c.value: sums[c.value] for c in Counter}
                if sums[LATENCY_BUCKETS[-1]]:
                    expected = latency_quantile(0.95, [sums[name] for name in LATENCY_BUCKETS])
                    assert service.processing_time_ms_p95 == pytest.approx(expected)
            assert await store.error_rate(asked) == oracle.error_rate(asked)


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
            await store.write_gaps(write)
            oracle.write_gaps(write)
        for asked in (time_range, FOREVER):
            page: GapPage | None = None
            while page is None or page.next_cursor:
                question = RecentGaps(asked, home, limit, page.next_cursor if page else None)
                page = await store.gaps(question)
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
            await store.write_events([version(kind)])
        page = await store.recent_events(RecentEvents(FOREVER))
        assert [(p.origin_kind, p.friendly_name) for p in page.events] == [(OriginKind.LIVE, "live")]
        assert (await store.event_statistics(FOREVER)).total == 1


def simultaneous(*entity_ids: str) -> list[EventPoint]:
    """A state change of each, in one nanosecond."""
    return [
        EventPoint(home="home", event_type=STATE_CHANGED, time_ns=BASE_NS, domain="light", entity_id=e, state="on")
        for e in entity_ids
    ]


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_no_page_skips_events_of_one_nanosecond(open_empty_store: OpenStore, limit: int) -> None:
    points = simultaneous("light.a", "light.b", "light.c", "light.d", "light.e")
    async with open_empty_store() as store:
        for point in points:
            await store.write_events([point])
        for question in (RecentEvents(FOREVER, limit=limit), RecentEvents(FOREVER, domain="light", limit=limit)):
            found: list[EventPoint] = []
            page = await store.recent_events(question)
            while page.next_cursor:
                found += page.events
                page = await store.recent_events(msgspec.structs.replace(question, cursor=page.next_cursor))
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
        await store.write_events(points)
        question = EntityWindows("sensor.a", FOREVER, 5 * MINUTE_NS, after_ns=BASE_NS + 2 * MINUTE_NS)
        page = await store.entity_windows(question)
        assert [(p.start_ns, p.count) for p in page.points] == [(BASE_NS + 5 * MINUTE_NS, 5)]


async def test_a_level_alone_written_by_somebody_else_is_read(open_empty_store: OpenStore) -> None:
    point = ServiceMetricsPoint(service="test-service", time_ns=BASE_NS, levels={Level.PROCESSING_TIME_MS.value: 12.5})
    async with open_empty_store() as store:
        await store.write_service_metrics([point])
        (answer,) = await store.service_statistics(FOREVER)
        assert (answer.service, answer.processing_time_ms, answer.success_rate) == ("test-service", 12.5, None)
        (latest,) = await store.latest_metrics()
        assert (latest.name, latest.value, latest.time_ns) == ("processing_time_ms", 12.5, BASE_NS)


async def test_latest_metrics_are_the_newest_of_each_instance(open_empty_store: OpenStore) -> None:
    def report(service: str, instance: str, at_ns: int) -> ServiceMetricsPoint:
        counters = {Counter.RECEIVED.value: at_ns - BASE_NS}
        return ServiceMetricsPoint(service=service, instance=instance, time_ns=at_ns, counters=counters)

    async with open_empty_store() as store:
        for service, instance, offsets in (("b", "", (3, 1)), ("a", "2", (1, 2)), ("a", "1", (5, 4))):
            await store.write_service_metrics([report(service, instance, BASE_NS + offset) for offset in offsets])
        latest = await store.latest_metrics()
        assert [(m.service, m.instance, m.value) for m in latest] == [("a", "1", 5), ("a", "2", 2), ("b", "", 3)]
        assert [m.instance for m in await store.latest_metrics("a")] == ["1", "2"]


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
        await store.write_service_metrics(points)
        sums = await store.service_trend("s", Counter.RECEIVED, FOREVER, MINUTE_NS)
        levels = await store.service_trend("s", Level.QUEUE_DEPTH, FOREVER, MINUTE_NS)
        assert [p.value for p in sums] == [0 + 1 + 2 + 3 + 4 + 5, 6 + 7 + 8 + 9 + 10 + 11]
        assert [p.value for p in levels] == [2.5, 8.5]
        assert [p.start_ns for p in sums] == [BASE_NS, BASE_NS + MINUTE_NS]


@given(
    writes=st.lists(st.lists(rejected_events(), max_size=12), max_size=3),
    time_range=time_ranges(),
    replays=st.lists(st.tuples(st.integers(0, 40), st.sampled_from(ReplayOutcome)), max_size=4),
    question=st.builds(
        RecentRejected,
        home=st.sampled_from([None, "ho,me =%\n"]),
        service=st.sampled_from([None, "enrichment-pipeline", "nobody"]),
        key=st.sampled_from([None, "malformed", "beyond retention"]),
        limit=st.integers(1, 4),
    ),
)
@random_cases
async def test_rejected_events_are_kept_whole_and_with_their_replays(
    open_empty_store: OpenStore,
    writes: list[list[RejectedEvent]],
    time_range: TimeRange,
    replays: list[tuple[int, ReplayOutcome]],
    question: RecentRejected,
) -> None:
    oracle = Oracle()
    async with open_empty_store() as store:
        for write in writes:
            await store.write_events([], write)
            oracle.write_rejected(write)
        for number, outcome in replays if oracle.rejected else []:
            event = list(oracle.rejected.values())[number % len(oracle.rejected)]
            replayed = msgspec.structs.replace(event, replayed_ns=BASE_NS + number, outcome=outcome)
            await store.mark_replayed(replayed)
            oracle.mark_replayed(replayed)
        for write in writes[-1:]:  # again, as when an acknowledgement was lost
            await store.write_events([], write)
        for asked in (time_range, FOREVER):
            page: RejectedPage | None = None
            while page is None or page.next_cursor:
                cursor = page.next_cursor if page else None
                question = msgspec.structs.replace(question, time_range=asked, cursor=cursor)
                page = await store.rejected_events(question)
                assert page == oracle.rejected_events(question)
            assert await store.rejected_counts(question) == oracle.rejected_counts(question)
        for rejected_id in [*oracle.rejected, f"{BASE_NS:016x}-0123456789abcdef", "f" * 16 + "-" + "0" * 16, "nothing"]:
            assert await store.rejected_event(rejected_id) == oracle.rejected.get(rejected_id)


async def test_an_empty_store_answers_every_question(open_empty_store: OpenStore) -> None:
    async with open_empty_store() as store:
        await store.ping()
        assert (await store.event_statistics(FOREVER)).total == 0
        assert (await store.error_rate(FOREVER)).percent == 0
        assert (await store.recent_events(RecentEvents(FOREVER))).events == []
        assert await store.latest_metrics() == []
        assert await store.service_statistics(FOREVER) == []
