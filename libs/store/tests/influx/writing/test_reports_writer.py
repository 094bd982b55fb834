"""Reports of services: written freely, and counted anew where their hour is over."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.errors import StoreUnavailableError
from ha_ingestor_core.service_metrics import ServiceMetricsPoint
from ha_ingestor_store.influx.rollups.lease import Standing, standing_line
from ha_ingestor_store.influx.rollups.progress import Progress, Windows
from ha_ingestor_store.influx.schema import SERVICE_METRICS, Family
from ha_ingestor_store.influx.server.write_answers import RefusalKey
from ha_ingestor_store.influx.writing.batch_writer import RefusedLine
from ha_ingestor_store.influx.writing.reports_writer import ReportsWriter
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, TimeRange

from libs.store.tests.influx.simulation import World, begin

NOON_NS = 20_780 * DAY_NS + 12 * HOUR_NS
WRITE = f"write {SERVICE_METRICS}"


@pytest.fixture
def world() -> Iterator[World]:
    world = World(NOON_NS, keep_s=1.0)
    yield world
    world.close()


def reports(world: World) -> ReportsWriter:
    return ReportsWriter(world.dialect, world.writer, clock=world.clock)


def report(time_ns: int, received: int = 1, instance: str = "a") -> ServiceMetricsPoint:
    return ServiceMetricsPoint("admin-api", time_ns, instance, counters={"events_received": received})


def counted(world: World, table: str) -> float:
    return world.sum(table, NOON_NS - DAY_NS, NOON_NS + DAY_NS, "events_received")


def test_a_report_of_the_hour_that_runs_is_simply_written(world: World) -> None:
    world.run(reports(world).write([report(NOON_NS)]))
    assert [entry for entry in world.log if entry.startswith("ask")] == [f"ask {WRITE}", "ask progress"]


@pytest.mark.parametrize("into_ns", [0, HOUR_NS - 30 * NS_PER_S])
def test_a_report_of_an_hour_that_is_over_or_nearly_so_counts_its_hour_and_its_day(world: World, into_ns: int) -> None:
    world.clock.turn_to(NOON_NS + into_ns)
    writer = reports(world)
    hour_ns = NOON_NS if into_ns else NOON_NS - HOUR_NS
    world.run(writer.write([report(hour_ns, 2), report(hour_ns + 1, 3)]))
    world.run(writer.write([report(hour_ns + 2, 4)]))
    assert [counted(world, table) for table in ("services_1h", "services_1d")] == [9, 9]


def test_an_hour_that_the_rollups_have_closed_is_over_by_whichever_clock(world: World) -> None:
    ahead = Progress(services={HOUR_NS: Windows(NOON_NS + 5 * HOUR_NS), DAY_NS: Windows(NOON_NS)})
    world.take([standing_line(Standing(1, "b", progress=ahead))])
    world.run(reports(world).write([report(NOON_NS + HOUR_NS)]))
    assert counted(world, "services_1h") == 1


def test_each_instance_counts_its_own(world: World) -> None:
    for instance in ("a", "b", ""):
        world.run(reports(world).write([report(NOON_NS - HOUR_NS, 5, instance)]))
    instances = {dict(tags).get("instance") for table, tags, _ in world.points if table == "services_1h"}
    assert instances == {"a", "b", None}
    assert counted(world, "services_1h") == 15


def test_a_late_report_is_counted_in_an_hour_that_is_closed(world: World) -> None:
    rollups = begin(world)
    world.run(reports(world).write([report(NOON_NS - HOUR_NS - 1)]))
    world.advance(2 * HOUR_NS / NS_PER_S)
    world.run(rollups.roll_up())
    world.run(reports(world).write([report(NOON_NS - HOUR_NS, 7), report(NOON_NS - 1, 1)]))
    assert world.seen(TimeRange(NOON_NS - DAY_NS, NOON_NS), world.progress(), Family.SERVICES) == 9
    assert world.wrong_sums() == []


def test_a_count_without_an_answer_is_made_again_when_it_can_not_arrive_any_more(world: World) -> None:
    writer = reports(world)
    failed = world.start(writer.write([report(NOON_NS - HOUR_NS)]))
    world.fail(world.serve_until("write services_1h"))
    assert isinstance(failed.exception(), StoreUnavailableError)
    world.run(writer.write([report(NOON_NS - HOUR_NS), report(NOON_NS - HOUR_NS + 1)]))
    world.straggle()
    assert counted(world, "services_1h") == 1, "the older count arrived over the newer one"
    world.advance(121)
    world.run(writer.write([report(world.clock.now_ns())]))
    assert counted(world, "services_1h") == 2


def test_hours_of_a_range_that_is_expected_are_left_to_the_roll_up(world: World) -> None:
    rollups = begin(world)
    writer = reports(world)
    world.run(rollups.expect((NOON_NS - DAY_NS, NOON_NS)))
    writer.expect((NOON_NS - DAY_NS, NOON_NS))
    world.run(writer.write([report(NOON_NS - 2 * HOUR_NS)]))
    assert counted(world, "services_1h") == 0
    world.advance(121)
    world.run(rollups.roll_up())
    assert counted(world, "services_1h") == 1


def test_no_reports_ask_nothing(world: World) -> None:
    world.run(reports(world).write([]))
    assert world.log == []


def test_a_report_that_the_server_refuses_holds_back_nobody(world: World) -> None:
    world.take = lambda lines: [RefusedLine(0, RefusalKey.TYPE_CONFLICT, "field type conflict")]  # type: ignore[method-assign]
    empty = ServiceMetricsPoint("admin-api", NOON_NS + 2 * HOUR_NS)
    with structlog.testing.capture_logs() as logs:
        world.run(reports(world).write([report(NOON_NS + HOUR_NS), empty]))
    assert logs[0]["event"] == "service_metrics_refused"
    assert logs[0]["reason"] == "field type conflict"
