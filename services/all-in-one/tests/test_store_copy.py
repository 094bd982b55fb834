"""Copying one store into another."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec
import pytest
from ha_ingestor import store_copy as copying
from ha_ingestor.store_copy import Copying, Kind, Part, Position, StateFile, differences, seems_in_use
from ha_ingestor_core.alerts import Alert, AlertLevel
from ha_ingestor_core.clock import Clock, FakeClock
from ha_ingestor_core.errors import StoreUnavailableError
from ha_ingestor_core.events import STATE_CHANGED, OriginKind
from ha_ingestor_core.gaps import Gap, GapReason
from ha_ingestor_core.service_metrics import Counter, ServiceMetricsPoint
from ha_ingestor_store.answers import WriteResult
from ha_ingestor_store.embedded.store import EmbeddedAdministrator, EmbeddedStore
from ha_ingestor_store.embedded.writer import EmbeddedWriter
from ha_ingestor_store.embedded.writing.retention import Retention
from ha_ingestor_store.points import EventPoint, Weather, WeatherObservation
from ha_ingestor_store.questions import RecentAlerts, RecentGaps
from ha_ingestor_store.store import Tally
from ha_ingestor_store.time_range import ALWAYS, DAY_NS, TimeRange

BASE_NS = 20_780 * DAY_NS
EVENTS = [
    EventPoint(
        home="home",
        event_type=STATE_CHANGED,
        time_ns=BASE_NS - (94 - n) * DAY_NS // 10,
        domain="sensor",
        entity_id=f"sensor.s{n % 3}",
        state=str(n),
        origin_kind=list(OriginKind)[n % 3],
    )
    for n in range(95)
]
REPORTS = [
    ServiceMetricsPoint(service=service, time_ns=BASE_NS + n, counters={Counter.RECEIVED.value: n})
    for n in range(12)
    for service in ("admin-api", "enrichment-pipeline")
]
WEATHER = [WeatherObservation("home", "weather.home", BASE_NS + n, Weather(temperature_c=n / 2)) for n in range(11)]


class NotingAdministrator(EmbeddedAdministrator):
    """Notes which ranges it was prepared for."""

    def __init__(self) -> None:
        self.expected: list[TimeRange] = []

    async def expect(self, time_range: TimeRange) -> None:
        self.expected.append(time_range)


class StumblingWriter(EmbeddedWriter):
    """Fails once at its `stumbles_at`-th write, and refuses events that are older than `keeps_from_ns`."""

    writes = 0
    stumbles_at = 0
    keeps_from_ns = -(2**62)

    async def write_events(self, points: Sequence[EventPoint], tally: Tally | None = None) -> WriteResult:
        self.writes += 1
        if self.writes == self.stumbles_at:
            raise StoreUnavailableError("away")
        good = [point for point in points if point.time_ns >= self.keeps_from_ns]
        result = await super().write_events(good, tally)
        expired = [at for at, point in enumerate(points) if point.time_ns < self.keeps_from_ns]
        return WriteResult(written=result.written, duplicates=result.duplicates, expired=expired)


class StumblingStore(EmbeddedStore):
    """A store whose writer stumbles, and whose administrator notes what is expected."""

    writer: StumblingWriter
    administrator: NotingAdministrator

    def __init__(self, path: Path, retention: Retention, clock: Clock) -> None:
        super().__init__(path, retention, clock)
        self.writer = StumblingWriter(self.writer.database, retention, clock)
        self.administrator = NotingAdministrator()


@pytest.fixture
async def source(tmp_path: Path) -> AsyncIterator[EmbeddedStore]:
    store = await EmbeddedStore.open(tmp_path / "source")
    await store.writer.write_events(EVENTS)
    await store.writer.write_service_metrics(REPORTS)
    await store.writer.write_weather(WEATHER)
    yield store
    await store.close()


@pytest.fixture
async def target(tmp_path: Path) -> AsyncIterator[StumblingStore]:
    store = await StumblingStore.open(tmp_path / "target")
    assert isinstance(store, StumblingStore)
    yield store
    await store.close()


@pytest.fixture
def state(tmp_path: Path) -> StateFile:
    return StateFile(tmp_path / "state" / "copy.json")


async def contents(store: EmbeddedStore) -> tuple[list[object], ...]:
    return (
        [*await store.exporter.export_events(None, 1000)],
        [*await store.exporter.export_service_metrics(None, 1000)],
        [*await store.exporter.export_weather(None, 1000)],
    )


async def test_everything_is_there_afterwards(source: EmbeddedStore, target: StumblingStore, state: StateFile) -> None:
    seen: list[tuple[Kind, int]] = []
    copying = Copying(source, target, state, on_page=lambda kind, part: seen.append((kind, part.copied)), page=10)
    await copying.run()
    assert [copied for kind, copied in seen if kind is Kind.EVENTS] == [*range(10, 91, 10), 95, 95]
    assert {kind: copying.position.part(kind).copied for kind in Kind} == {
        Kind.EVENTS: 95,
        Kind.REPORTS: 24,
        Kind.WEATHER: 11,
        Kind.GAPS: 0,
        Kind.ALERTS: 0,
    }
    assert await contents(target) == await contents(source) == (EVENTS, REPORTS, WEATHER)
    assert await differences(source, target, copying.position) == []


async def test_what_is_to_come_is_announced_once_and_not_page_by_page(
    source: EmbeddedStore, target: StumblingStore, state: StateFile
) -> None:
    await Copying(source, target, state, page=10).run()
    assert [each.start_ns for each in target.administrator.expected] == [EVENTS[0].time_ns, BASE_NS, BASE_NS]


@pytest.mark.parametrize("stumbles_at", [1, 3, 11])
async def test_a_copy_that_failed_goes_on_where_it_was(
    source: EmbeddedStore, target: StumblingStore, state: StateFile, stumbles_at: int
) -> None:
    target.writer.stumbles_at = stumbles_at
    with pytest.raises(StoreUnavailableError):
        await Copying(source, target, state, page=10).run()
    copying = Copying(source, target, state, page=10)
    assert copying.position.part(Kind.EVENTS).copied == min(10 * (stumbles_at - 1), 95)
    await copying.run()
    # Ten pages of events and an empty one, and one of them twice.
    assert target.writer.writes == 12
    assert copying.position.part(Kind.EVENTS).written == 95
    assert await contents(target) == await contents(source)


async def test_a_repeat_changes_nothing(source: EmbeddedStore, target: StumblingStore, state: StateFile) -> None:
    await Copying(source, target, state, page=10).run()
    before = await contents(target)
    state.remove()
    copying = Copying(source, target, state, page=7)
    await copying.run()
    assert (copying.position.part(Kind.EVENTS).copied, copying.position.part(Kind.EVENTS).written) == (95, 0)
    assert await contents(target) == before


async def test_what_the_target_refuses_is_counted_and_no_riddle(
    source: EmbeddedStore, target: StumblingStore, state: StateFile
) -> None:
    target.writer.keeps_from_ns = BASE_NS - 8 * DAY_NS
    copying = Copying(source, target, state, page=10)
    await copying.run()
    part = copying.position.part(Kind.EVENTS)
    assert part.refused == {"expired": 14}
    assert sum(part.refused_on.values()) == 14
    assert await differences(source, target, copying.position) == []


async def test_gaps_are_copied_page_by_page(
    source: EmbeddedStore, target: StumblingStore, state: StateFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "RECORDS_PAGE", 2)
    gaps = [
        Gap(home="home", start_ns=BASE_NS - n, end_ns=BASE_NS, reason=GapReason.RESTART, found_ns=BASE_NS)
        for n in range(5)
    ]
    await source.writer.write_gaps(gaps)
    copy = Copying(source, target, state)
    await copy.run()
    assert copy.position.part(Kind.GAPS).copied == 5
    assert (await target.reader.gaps(RecentGaps(ALWAYS))).gaps == gaps


async def test_alerts_are_copied_page_by_page(
    source: EmbeddedStore, target: StumblingStore, state: StateFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "RECORDS_PAGE", 2)
    alerts = [
        Alert(rule="lag", service="s", level=AlertLevel.INFO, message="late", since_ns=BASE_NS - n, raised_ns=BASE_NS)
        for n in range(5)
    ]
    await source.writer.write_alerts(alerts)
    copy = Copying(source, target, state)
    await copy.run()
    assert copy.position.part(Kind.ALERTS).copied == 5
    assert (await target.reader.alerts(RecentAlerts(ALWAYS))).alerts == alerts
    await source.writer.write_alerts([msgspec.structs.replace(alerts[0], since_ns=1)])
    assert [each.what for each in await differences(source, target, copy.position)] == [Kind.ALERTS]


async def test_what_is_missing_is_found(source: EmbeddedStore, target: StumblingStore, state: StateFile) -> None:
    copying = Copying(source, target, state)
    await copying.run()
    await source.writer.write_events([EventPoint("home", "late", EVENTS[50].time_ns + 1, data="{}")])
    await source.writer.write_service_metrics(
        [
            ServiceMetricsPoint(
                service="admin-api", time_ns=BASE_NS + 5, instance="2", counters={Counter.RECEIVED.value: 7}
            )
        ]
    )
    found = await differences(source, target, copying.position)
    assert all(each.is_missing for each in found)
    assert [each.what for each in found] == ["2026-11-18", "admin-api: events_received"]


async def test_a_target_may_hold_more(source: EmbeddedStore, target: StumblingStore, state: StateFile) -> None:
    await target.writer.write_events([EventPoint("cabin", "own", EVENTS[50].time_ns + 1, data="{}")])
    copying = Copying(source, target, state)
    await copying.run()
    (more,) = await differences(source, target, copying.position)
    assert not more.is_missing
    assert more.target == more.source + 1


async def test_an_empty_store_is_copied_at_once(tmp_path: Path, target: StumblingStore, state: StateFile) -> None:
    empty = await EmbeddedStore.open(tmp_path / "empty")
    copying = Copying(empty, target, state)
    await copying.run()
    assert copying.position.part(Kind.EVENTS) == Part(is_complete=True)
    assert await differences(empty, target, copying.position) == []
    await empty.close()


@pytest.mark.parametrize(("ago_s", "is_in_use"), [(5, True), (29, True), (31, False)])
async def test_a_store_that_a_pipeline_reported_to_just_now_is_in_use(
    target: StumblingStore, ago_s: float, is_in_use: bool
) -> None:
    clock = FakeClock(BASE_NS)
    assert not await seems_in_use(target, clock)
    await target.writer.write_service_metrics(
        [ServiceMetricsPoint(service="enrichment-pipeline", time_ns=clock.now_ns(), levels={"lag_s": 0.0})]
    )
    clock.advance(ago_s)
    assert await seems_in_use(target, clock) is is_in_use


def test_a_damaged_position_is_set_aside(tmp_path: Path, state: StateFile) -> None:
    state.write(Position(parts={Kind.EVENTS: Part(copied=3)}))
    assert state.read().part(Kind.EVENTS).copied == 3
    state.remove()
    assert state.read() == Position()
    (tmp_path / "state" / "copy.json").write_text("{", encoding="utf-8")  # as a disk may leave it
    assert state.read() == Position()
    assert (tmp_path / "state" / "copy.json.damaged").read_text(encoding="utf-8") == "{"


def test_a_position_between_other_stores_is_not_gone_on_from(tmp_path: Path) -> None:
    path = tmp_path / "copy.json"
    StateFile(path, "a").write(Position(between="a", parts={Kind.EVENTS: Part(copied=3)}))
    assert StateFile(path, "a").read().part(Kind.EVENTS).copied == 3
    assert StateFile(path, "b").read() == Position(between="b")
