"""Reports of services: free while their hour is open, claimed first where it may be closed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog
from ha_ingestor_core.errors import StoreRefusedError, StoreUnavailableError
from ha_ingestor_core.service_metrics import ServiceMetricsPoint
from ha_ingestor_store.influx.rollups.claims import Claim, read_claims
from ha_ingestor_store.influx.rollups.progress import Progress, Windows, encode_progress
from ha_ingestor_store.influx.rollups.rollups import OWNER, Rollups
from ha_ingestor_store.influx.schema import EVENT_ROLLUPS, PROGRESS, PROGRESS_TIME_NS, SERVICE_METRICS
from ha_ingestor_store.influx.server.write_answers import RefusalKey
from ha_ingestor_store.influx.writing.batch_writer import RefusedLine
from ha_ingestor_store.influx.writing.line_protocol import text_line
from ha_ingestor_store.influx.writing.reports_writer import ClaimingReports, KeeperReports
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS

from libs.store.tests.influx.simulation import World, parsed

NOON_NS = 20_780 * DAY_NS + 12 * HOUR_NS
WRITE, SAVE = f"write {SERVICE_METRICS}", f"write {PROGRESS}"


@pytest.fixture
def world() -> Iterator[World]:
    world = World(NOON_NS, keep_s=1.0)
    world.take([text_line(PROGRESS, encode_progress(PROGRESS_NOW), PROGRESS_TIME_NS, {"owner": OWNER})])
    world.advance(2)
    yield world
    world.close()


PROGRESS_NOW = Progress(
    events={grain: Windows(NOON_NS // grain * grain) for grain in EVENT_ROLLUPS},
    services={HOUR_NS: Windows(NOON_NS), DAY_NS: Windows(NOON_NS - 12 * HOUR_NS)},
    announced_ns=NOON_NS + HOUR_NS,
)


def other(world: World) -> ClaimingReports:
    return ClaimingReports(world.dialect, world.writer, clock=world.clock, keep_s=world.keep_s)


def report(time_ns: int, received: int = 1) -> ServiceMetricsPoint:
    return ServiceMetricsPoint("admin-api", time_ns, "a", counters={"events_received": received})


def claim(world: World) -> Claim | None:
    return read_claims(world.texts(), OWNER).get("admin-api a")


def test_a_report_of_an_hour_that_was_not_announced_is_simply_written(world: World) -> None:
    world.run(other(world).write([report(NOON_NS + HOUR_NS)]))
    assert [entry for entry in world.log if entry.startswith("ask")] == ["ask progress", f"ask {WRITE}"]
    assert claim(world) is None


@pytest.mark.parametrize("time_ns", [NOON_NS - 1, NOON_NS + HOUR_NS - 1])
def test_a_late_report_is_claimed_waits_for_readers_and_is_let_go(world: World, time_ns: int) -> None:
    hour = time_ns // HOUR_NS * HOUR_NS
    writing = world.start(other(world).write([report(time_ns), report(NOON_NS + 2 * HOUR_NS)]))
    since_ns = world.clock.now_ns()
    world.serve_until(WRITE)
    assert claim(world) == Claim(1, True, since_ns, ((hour, hour + HOUR_NS),))
    world.serve(world.serve_until(WRITE))
    world.serve()
    assert writing.done()
    assert claim(world) == Claim(2, False, since_ns, ((hour, hour + HOUR_NS),))


@pytest.mark.parametrize("crashes", [False, True])
def test_no_reader_misses_a_late_report(world: World, crashes: bool) -> None:
    keeper = Rollups(world.dialect, world.writer, clock=world.clock, keep_s=1.0, raw_retention_s=0)
    writing = world.start(other(world).write([report(NOON_NS - 1)]))
    steps = ["progress", SAVE, WRITE, *([] if crashes else [SAVE])]
    for about in steps:
        while not world.waiting_for(about):
            world.advance(0.3)
        assert world.wrong_sums() == []
        world.serve(world.waiting_for(about)[0])
        assert world.wrong_sums() == []
    if crashes:
        world.crash([writing])
        world.advance(700)
    else:
        assert writing.done()
    for _ in range(4):
        world.run(keeper.roll_up())
        world.advance(130)
        assert world.wrong_sums() == []
    assert world.sum("services_1h", NOON_NS - HOUR_NS, NOON_NS, "events_received") == 1
    assert world.progress().services[HOUR_NS].trusted(NOON_NS - HOUR_NS, NOON_NS) == [(NOON_NS - HOUR_NS, NOON_NS)]


def test_a_claim_is_waited_for_before_the_reports_are_written(world: World) -> None:
    world.start(other(world).write([report(NOON_NS - 1)]))
    world.serve()
    world.serve()
    world.advance(0.9)
    assert not world.waiting
    world.advance(0.2)
    assert [request.about for request in world.waiting] == [WRITE]


def test_a_late_report_that_failed_stays_claimed_until_it_is_written(world: World) -> None:
    reports = other(world)
    failed = world.start(reports.write([report(NOON_NS - 1)]))
    world.fail(world.serve_until(WRITE))
    with pytest.raises(StoreUnavailableError):
        failed.result()
    held = claim(world)
    assert held is not None
    assert held.held
    world.run(reports.write([report(NOON_NS - 1), report(NOON_NS - 2 * HOUR_NS - 1)]))
    let_go = claim(world)
    assert let_go is not None
    assert not let_go.held
    assert let_go.ranges == ((NOON_NS - 3 * HOUR_NS, NOON_NS - 2 * HOUR_NS), (NOON_NS - HOUR_NS, NOON_NS))


def test_late_reports_are_not_written_without_their_claim(world: World) -> None:
    refused = [RefusedLine(0, RefusalKey.OTHER, "no")]
    take = world.take
    world.take = lambda lines: refused if parsed(lines[0])[0] == PROGRESS else take(lines)  # type: ignore[method-assign]
    with pytest.raises(StoreRefusedError, match="claim of late reports was refused: no"):
        world.run(other(world).write([report(NOON_NS - 1)]))
    assert WRITE not in world.log


def test_before_the_keeper_has_begun_all_reports_are_free(world: World) -> None:
    world.points.clear()
    world.run(other(world).write([report(5)]))
    assert claim(world) is None
    assert WRITE in world.log


def test_no_reports_ask_nothing(world: World) -> None:
    world.log.clear()
    world.run(other(world).write([]))
    assert world.log == []


def test_the_keeper_opens_the_hours_of_its_own_late_reports(world: World) -> None:
    keeper = Rollups(world.dialect, world.writer, clock=world.clock, keep_s=1.0, raw_retention_s=0)
    world.run(KeeperReports(world.dialect, world.writer, keeper).write([report(NOON_NS - 1)]))
    assert world.progress().services[HOUR_NS].open == ((NOON_NS - HOUR_NS, NOON_NS),)
    assert world.wrong_sums() == []


def test_a_report_that_the_server_refuses_holds_back_nobody(world: World) -> None:
    world.take = lambda lines: [RefusedLine(0, RefusalKey.TYPE_CONFLICT, "field type conflict")]  # type: ignore[method-assign]
    with structlog.testing.capture_logs() as logs:
        world.run(
            other(world).write([report(NOON_NS + HOUR_NS), ServiceMetricsPoint("admin-api", NOON_NS + 2 * HOUR_NS)])
        )
    assert logs[0]["event"] == "service_metrics_refused"
    assert logs[0]["reason"] == "field type conflict"
