"""The keeper of the rollups, step by step: what is opened, waited for, recomputed and closed, and in which order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from ha_ingestor_core.clock import NS_PER_S, FakeClock
from ha_ingestor_core.errors import StoreRefusedError, StoreUnavailableError
from ha_ingestor_core.service_metrics import ServiceMetricsPoint
from ha_ingestor_store.influx.rollups.claims import Claim, encode_claim
from ha_ingestor_store.influx.rollups.progress import Progress, Windows
from ha_ingestor_store.influx.rollups.rollups import LAG_NS, Rollups
from ha_ingestor_store.influx.schema import EVENTS, PROGRESS, PROGRESS_TIME_NS, Family
from ha_ingestor_store.influx.server.write_answers import RefusalKey
from ha_ingestor_store.influx.writing.batch_writer import RefusedLine
from ha_ingestor_store.influx.writing.line_protocol import service_metrics_line, text_line
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS, TimeRange

from libs.store.tests.influx.simulation import Request, World, event_line, parsed

NOON_NS = 20_780 * DAY_NS + 12 * HOUR_NS
EVER = TimeRange(0, NOON_NS + 1_000 * DAY_NS)
WRITE = f"write {EVENTS}"
SAVE = f"write {PROGRESS}"


@pytest.fixture
def world() -> Iterator[World]:
    world = World(NOON_NS, keep_s=1.0)
    yield world
    world.close()


def keeper(world: World, *, raw_retention_s: int = 0, report_wait_s: float = 60.0) -> Rollups:
    return Rollups(
        world.dialect,
        world.writer,
        clock=world.clock,
        keep_s=world.keep_s,
        raw_retention_s=raw_retention_s,
        report_wait_s=report_wait_s,
    )


def settled(world: World, **changes: Any) -> Rollups:
    """A keeper that has rolled up all until now: three minutes of the hour with an event in each."""
    rollups = keeper(world, **changes)
    world.run(write(world, rollups, *(NOON_NS + n * MINUTE_NS for n in range(3))))
    world.advance(200)
    world.run(rollups.roll_up())
    return rollups


async def write(world: World, rollups: Rollups, *times_ns: int) -> None:
    async with rollups.writing(Family.EVENTS, times_ns):
        await world.writer.write(world.dialect.write_target(rollups=False), [event_line(at) for at in times_ns])


def report_line(time_ns: int, received: int = 1, service: str = "other") -> str:
    point = ServiceMetricsPoint(service=service, time_ns=time_ns, counters={"events_received": received})
    line = service_metrics_line(point)
    assert line is not None
    return line


def is_trusted(world: World, grain: int, start_ns: int, family: Family = Family.EVENTS) -> bool:
    """Whether a reader who asks now trusts the window."""
    windows = world.progress().of(family).get(grain)
    return bool(windows and windows.trusted(start_ns, start_ns + grain))


def give_up(world: World, task: asyncio.Task[Any]) -> None:
    with pytest.raises(StoreUnavailableError):
        task.result()
    assert not world.waiting


# What is rolled up


def test_minutes_that_are_over_are_rolled_up_and_trusted(world: World) -> None:
    settled(world)
    assert [is_trusted(world, MINUTE_NS, NOON_NS + n * MINUTE_NS) for n in range(4)] == [True, True, True, False]
    assert world.sum("events_1m", NOON_NS, NOON_NS + HOUR_NS) == 3
    assert world.wrong_sums() == []


def test_a_minute_waits_a_little_for_events_on_their_way(world: World) -> None:
    rollups = settled(world)
    world.clock.turn_to(NOON_NS + 4 * MINUTE_NS + LAG_NS - 1)
    world.run(rollups.roll_up())
    assert not is_trusted(world, MINUTE_NS, NOON_NS + 3 * MINUTE_NS)
    world.clock.turn_to(NOON_NS + 4 * MINUTE_NS + LAG_NS)
    world.run(rollups.roll_up())
    assert is_trusted(world, MINUTE_NS, NOON_NS + 3 * MINUTE_NS)


def test_hours_know_their_entities_and_their_groups(world: World) -> None:
    rollups = settled(world)
    world.advance(3_600)
    world.run(rollups.roll_up())
    assert [world.sum(table, NOON_NS, NOON_NS + HOUR_NS) for table in ("entities_1h", "events_1h")] == [3, 3]
    entities = {dict(tags).get("entity_id") for (table, tags, _) in world.points if table == "entities_1h"}
    groups = {dict(tags).get("entity_id") for (table, tags, _) in world.points if table == "events_1h"}
    assert (entities, groups) == ({"light.a"}, {None})


def test_a_day_is_summed_from_its_hours(world: World) -> None:
    rollups = settled(world)
    world.advance(86_400)
    world.log.clear()
    world.run(rollups.roll_up())
    assert f"ask sums of events_1h by {DAY_NS}" in world.log
    assert f"ask sums of {EVENTS} by {DAY_NS}" not in world.log
    assert world.sum("entities_1d", 0, NOON_NS) == 3
    assert is_trusted(world, DAY_NS, NOON_NS - 12 * HOUR_NS)


def test_a_day_with_an_open_hour_waits_for_it(world: World) -> None:
    rollups = settled(world)
    world.advance(86_400)
    world.run(rollups.roll_up())
    late = world.start(write(world, rollups, NOON_NS + 5))
    world.run(rollups.roll_up(), but=world.serve_until(WRITE))
    assert not is_trusted(world, HOUR_NS, NOON_NS)
    assert not is_trusted(world, DAY_NS, NOON_NS - 12 * HOUR_NS)
    world.serve()
    assert late.done()
    world.run(rollups.roll_up())
    assert is_trusted(world, DAY_NS, NOON_NS - 12 * HOUR_NS)
    assert world.sum("events_1d", 0, NOON_NS) == 4


def test_a_day_is_not_summed_from_an_hour_that_a_write_has_touched_meanwhile(world: World) -> None:
    rollups = settled(world)
    world.advance(86_400)
    world.run(rollups.roll_up())
    late = world.start(write(world, rollups, NOON_NS + 5))
    written = world.serve_until(WRITE)
    rolling = world.start(rollups.roll_up())
    world.serve_until(f"sums of {EVENTS} by {HOUR_NS}", but=written).arrive()
    world.serve(written)
    while not rolling.done():
        world.serve()
    assert late.done()
    assert not is_trusted(world, DAY_NS, NOON_NS - 12 * HOUR_NS)
    assert world.wrong_sums() == []


def test_what_was_there_before_the_first_rollup_is_rolled_up(world: World) -> None:
    world.take([event_line(NOON_NS - 3 * HOUR_NS)])
    rollups = keeper(world)
    world.run(rollups.roll_up())
    assert world.sum("events_1h", 0, NOON_NS) == 1
    assert is_trusted(world, HOUR_NS, NOON_NS - 3 * HOUR_NS)


def test_the_sums_are_written_before_their_windows_are_closed(world: World) -> None:
    rollups = settled(world)
    world.advance(60)
    world.log.clear()
    world.run(write(world, rollups, world.clock.now_ns()))
    world.advance(70)
    world.run(rollups.roll_up())
    writes = [entry for entry in world.log if entry.startswith("write")]
    assert writes.index("write events_1m") < writes.index(SAVE)


# Writes behind the mark


def test_an_early_write_asks_nothing_and_waits_for_nobody(world: World) -> None:
    rollups = settled(world)
    world.log.clear()
    before = world.clock.monotonic()
    world.run(write(world, rollups, world.clock.now_ns()))
    assert world.log == [f"ask {WRITE}", WRITE]
    assert world.clock.monotonic() == before


def test_a_late_write_opens_its_windows_and_waits_for_readers_before_it_writes(world: World) -> None:
    rollups = settled(world)
    late = world.start(write(world, rollups, NOON_NS))
    assert [request.about for request in world.waiting] == [SAVE]
    world.serve()
    assert not is_trusted(world, MINUTE_NS, NOON_NS)
    assert not world.waiting
    world.advance(0.9)
    assert not world.waiting
    world.advance(0.2)
    assert [request.about for request in world.waiting] == [WRITE]
    world.serve()
    assert late.done()
    assert world.wrong_sums() == []


def test_a_window_is_not_closed_between_its_opening_and_its_late_write(world: World) -> None:
    rollups = settled(world)
    late = world.start(write(world, rollups, NOON_NS))
    world.serve()
    world.run(rollups.roll_up())
    assert not is_trusted(world, MINUTE_NS, NOON_NS)
    world.advance(1.1)
    world.serve()
    assert late.done()
    assert world.wrong_sums() == []


def test_a_window_that_was_written_late_is_recomputed_and_trusted_again(world: World) -> None:
    rollups = settled(world)
    world.run(write(world, rollups, NOON_NS + 7))
    world.run(rollups.roll_up())
    assert is_trusted(world, MINUTE_NS, NOON_NS)
    assert world.sum("events_1m", NOON_NS, NOON_NS + MINUTE_NS) == 2


def test_late_writes_in_order_wait_once_for_many_windows(world: World) -> None:
    rollups = settled(world)
    before = world.clock.monotonic()
    for second in range(0, 180, 10):
        world.run(write(world, rollups, NOON_NS + second * NS_PER_S))
    assert world.clock.monotonic() - before < 2.0
    assert world.log.count(f"ask {SAVE}") <= 3


def test_a_second_late_write_waits_for_readers_too(world: World) -> None:
    rollups = settled(world)
    first = world.start(write(world, rollups, NOON_NS))
    world.serve()
    second = world.start(write(world, rollups, NOON_NS + 1))
    world.advance(0.9)
    assert not world.waiting_for(WRITE)
    world.advance(0.2)
    assert len(world.waiting_for(WRITE)) == 2
    world.serve()
    world.serve()
    assert first.done()
    assert second.done()


def test_a_save_that_failed_is_made_again_before_the_next_late_write_goes_on(world: World) -> None:
    rollups = settled(world)
    failed = world.start(write(world, rollups, NOON_NS))
    world.fail(world.serve_until(SAVE))
    give_up(world, failed)
    again = world.start(write(world, rollups, NOON_NS))
    assert [request.about for request in world.waiting] == [SAVE]
    world.serve()
    world.advance(0.9)
    assert not world.waiting
    world.advance(0.2)
    assert [request.about for request in world.waiting] == [WRITE]
    world.serve()
    assert again.done()


def test_windows_that_another_save_has_opened_are_waited_for_all_the_same(world: World) -> None:
    rollups = settled(world)
    failed = world.start(write(world, rollups, NOON_NS))
    world.fail(world.serve_until(SAVE))
    give_up(world, failed)
    world.advance(30)
    world.run(rollups.note_captured(1))  # saves, and with it what the failed write has opened
    late = world.start(write(world, rollups, NOON_NS))
    assert not world.waiting
    world.advance(1.1)
    assert [request.about for request in world.waiting] == [WRITE]
    world.serve()
    assert late.done()


def test_a_save_without_an_answer_is_waited_for_when_it_trusts_what_is_late(world: World) -> None:
    rollups = settled(world)
    world.advance(60)
    rolling = world.start(rollups.roll_up())
    world.fail(world.serve_until(SAVE))
    give_up(world, rolling)
    late = world.start(write(world, rollups, NOON_NS))
    world.serve()  # the open is saved, but the old save may still arrive over it
    world.advance(5)
    assert not world.waiting
    world.straggle()
    world.advance(117)
    assert [request.about for request in world.waiting] == [SAVE]
    world.serve()
    assert not is_trusted(world, MINUTE_NS, NOON_NS)
    world.advance(1.1)
    world.serve()
    assert late.done()
    assert world.wrong_sums() == []


def test_a_successor_waits_for_the_readers_of_the_progress_that_it_found(world: World) -> None:
    rollups = settled(world)
    late = world.start(write(world, rollups, NOON_NS))
    world.serve()
    world.crash([late])
    successor = keeper(world)
    late = world.start(write(world, successor, NOON_NS))
    world.serve(world.waiting_for("progress")[0])
    assert not world.waiting
    world.advance(1.1)
    assert [request.about for request in world.waiting] == [WRITE]
    world.serve()
    assert late.done()


def test_a_successor_waits_for_readers_of_a_mark_that_an_old_save_has_turned_back(world: World) -> None:
    rollups = settled(world)
    late = world.start(write(world, rollups, NOON_NS))
    world.fail(world.serve_until(SAVE))
    give_up(world, late)
    minute = world.clock.now_ns() // MINUTE_NS * MINUTE_NS
    world.advance(110)
    world.run(rollups.roll_up())
    assert is_trusted(world, MINUTE_NS, minute)
    world.straggle()
    assert not is_trusted(world, MINUTE_NS, minute)
    successor = keeper(world)
    early = world.start(write(world, successor, minute))
    world.serve_until(WRITE)
    world.serve()
    assert early.done()
    assert world.wrong_sums() == []


# Writes during a recomputation


def test_a_write_under_way_keeps_its_minute_open(world: World) -> None:
    rollups = settled(world)
    minute = world.clock.now_ns() // MINUTE_NS * MINUTE_NS
    writing = world.start(write(world, rollups, minute))
    (slow,) = world.waiting
    world.advance(120)
    world.run(rollups.roll_up(), but=slow)
    assert not is_trusted(world, MINUTE_NS, minute)
    assert is_trusted(world, MINUTE_NS, minute + MINUTE_NS)
    world.serve(slow)
    assert writing.done()
    assert world.wrong_sums() == []
    world.run(rollups.roll_up())
    assert is_trusted(world, MINUTE_NS, minute)
    assert world.wrong_sums() == []


@pytest.mark.parametrize("ends", ["meanwhile", "afterwards"])
def test_a_write_that_begins_during_a_recomputation_keeps_its_minute_open(world: World, ends: str) -> None:
    rollups = settled(world)
    minute = world.clock.now_ns() // MINUTE_NS * MINUTE_NS
    world.advance(120)
    rolling = world.start(rollups.roll_up())
    world.serve_until("sums").arrive()  # summed without the point
    world.start(write(world, rollups, minute))
    (written,) = world.waiting_for(WRITE)
    if ends == "meanwhile":
        world.serve(written)
    while not rolling.done():
        world.serve(next(request for request in world.waiting if request is not written))
    assert not is_trusted(world, MINUTE_NS, minute)
    written.arrive()
    assert world.wrong_sums() == []


def test_a_write_that_ends_during_a_recomputation_keeps_its_minute_open(world: World) -> None:
    rollups = settled(world)
    minute = world.clock.now_ns() // MINUTE_NS * MINUTE_NS
    world.start(write(world, rollups, minute))
    (written,) = world.waiting
    world.advance(120)
    rolling = world.start(rollups.roll_up())
    world.serve_until("sums", but=written).arrive()  # summed without the point
    world.serve(written)
    while not rolling.done():
        world.serve()
    assert not is_trusted(world, MINUTE_NS, minute)
    assert world.wrong_sums() == []


def test_a_failed_write_leaves_its_minute_in_doubt_for_two_minutes(world: World) -> None:
    rollups = settled(world)
    minute = world.clock.now_ns() // MINUTE_NS * MINUTE_NS
    failed = world.start(write(world, rollups, minute))
    world.fail(world.waiting[0])
    give_up(world, failed)
    world.advance(100)
    world.run(rollups.roll_up())
    assert not is_trusted(world, MINUTE_NS, minute)
    world.straggle()
    assert world.wrong_sums() == []
    world.advance(21)
    world.run(rollups.roll_up())
    assert is_trusted(world, MINUTE_NS, minute)
    assert world.wrong_sums() == []


def test_sums_without_an_answer_keep_their_windows_in_doubt(world: World) -> None:
    rollups = settled(world)
    minute = world.clock.now_ns() // MINUTE_NS * MINUTE_NS
    world.run(write(world, rollups, minute))
    world.advance(120)
    rolling = world.start(rollups.roll_up())
    world.fail(world.serve_until("write events_1m"))
    give_up(world, rolling)
    world.run(write(world, rollups, minute + 1))
    world.run(rollups.roll_up())
    assert not is_trusted(world, MINUTE_NS, minute)
    world.straggle()  # the sum without the second event, over the one with it
    assert world.wrong_sums() == []
    world.advance(121)
    world.run(rollups.roll_up())
    assert is_trusted(world, MINUTE_NS, minute)
    assert world.wrong_sums() == []


def test_what_a_dead_process_has_sent_may_arrive_before_its_successor_closes_anything(world: World) -> None:
    rollups = settled(world)
    minute = world.clock.now_ns() // MINUTE_NS * MINUTE_NS
    world.crash([world.start(write(world, rollups, minute))])
    successor = keeper(world)
    world.advance(90)
    world.run(successor.roll_up())
    assert not is_trusted(world, MINUTE_NS, minute)
    world.straggle()
    world.advance(119)
    world.run(successor.roll_up())
    assert not is_trusted(world, MINUTE_NS, minute)
    world.advance(2)
    world.run(successor.roll_up())
    assert is_trusted(world, MINUTE_NS, minute)
    assert world.wrong_sums() == []


def test_two_calls_never_recompute_at_once(world: World) -> None:
    rollups = settled(world)
    world.advance(120)
    world.start(rollups.roll_up())
    world.start(rollups.roll_up())
    assert len(world.waiting) == 1


@pytest.mark.parametrize("step", range(12))
def test_a_crash_at_any_step_of_a_late_write_and_its_rollup_leaves_nothing_wrong(world: World, step: int) -> None:
    rollups = settled(world)
    work = [world.start(write(world, rollups, NOON_NS + 3))]
    for number in range(step):
        if number == 4:
            work.append(world.start(rollups.roll_up()))
        if world.waiting:
            world.serve()
        else:
            world.advance(0.6)
        assert world.wrong_sums() == []
    world.crash(work)
    assert world.wrong_sums() == []
    successor = keeper(world)
    world.run(write(world, successor, NOON_NS + 3))
    world.advance(121)
    world.run(successor.roll_up())
    assert world.wrong_sums() == []
    assert is_trusted(world, MINUTE_NS, NOON_NS)


# Retention


def test_a_window_that_raw_points_begin_to_leave_is_closed_and_never_recomputed(world: World) -> None:
    rollups = settled(world, raw_retention_s=3_600)
    world.run(write(world, rollups, NOON_NS + 5))
    world.run(rollups.roll_up())
    world.run(write(world, rollups, NOON_NS + 6))
    assert not is_trusted(world, MINUTE_NS, NOON_NS)
    world.advance(3_600)
    world.points = {key: told for key, told in world.points.items() if key[0] != EVENTS or key[2] > NOON_NS + 5}
    world.run(rollups.roll_up())
    assert is_trusted(world, MINUTE_NS, NOON_NS)
    assert world.sum("events_1m", NOON_NS, NOON_NS + MINUTE_NS) == 2, "the sum of before the points expired"


def test_without_a_retention_windows_of_any_age_are_recomputed(world: World) -> None:
    rollups = settled(world)
    world.run(write(world, rollups, NOON_NS - 3_000 * DAY_NS))
    world.run(rollups.roll_up())
    assert world.sum("events_1d", 0, NOON_NS - 2_999 * DAY_NS) == 1
    assert world.wrong_sums() == []


# Services


def test_hours_of_services_are_closed_when_their_end_was_announced_long_enough(world: World) -> None:
    rollups = keeper(world)
    world.take([report_line(NOON_NS + 1)])
    world.run(rollups.note_captured(NOON_NS))
    world.advance(3_700)
    world.run(rollups.roll_up())
    assert world.progress().announced_ns == NOON_NS + HOUR_NS
    assert not is_trusted(world, HOUR_NS, NOON_NS, Family.SERVICES)
    world.advance(59)
    world.run(rollups.roll_up())
    assert not is_trusted(world, HOUR_NS, NOON_NS, Family.SERVICES)
    world.advance(2)
    world.run(rollups.roll_up())
    assert is_trusted(world, HOUR_NS, NOON_NS, Family.SERVICES)
    assert world.sum("services_1h", NOON_NS, NOON_NS + HOUR_NS, "events_received") == 1


def test_an_announcement_that_was_not_saved_announces_nothing(world: World) -> None:
    rollups = keeper(world)
    world.run(rollups.note_captured(NOON_NS))
    world.advance(3_700)
    rolling = world.start(rollups.roll_up())
    while not rolling.done():
        request = world.waiting[0]
        if announces(request):
            world.fail(request)
        else:
            world.serve(request)
    give_up(world, rolling)
    for seconds in (5, 61, 121):  # it is not there; an older one may arrive over it; now it is there for good
        world.advance(seconds)
        world.run(rollups.roll_up())
        assert not is_trusted(world, HOUR_NS, NOON_NS, Family.SERVICES)
    world.advance(61)
    world.run(rollups.roll_up())
    assert is_trusted(world, HOUR_NS, NOON_NS, Family.SERVICES)


def test_an_announcement_that_was_refused_is_made_again(world: World) -> None:
    rollups = keeper(world)
    world.run(rollups.note_captured(NOON_NS))
    world.advance(3_700)
    rolling = world.start(rollups.roll_up())
    while not rolling.done():
        request = world.waiting[0]
        if announces(request):
            request.answer.set_exception(StoreRefusedError("the token may not write"))
            world.loop.turn()
        else:
            world.serve(request)
    with pytest.raises(StoreRefusedError):
        rolling.result()
    for seconds in (5, 59):
        world.advance(seconds)
        world.run(rollups.roll_up())
        assert world.progress().announced_ns == NOON_NS + HOUR_NS
        assert not is_trusted(world, HOUR_NS, NOON_NS, Family.SERVICES)
    world.advance(2)
    world.run(rollups.roll_up())
    assert is_trusted(world, HOUR_NS, NOON_NS, Family.SERVICES)


def test_a_report_from_before_the_first_progress_is_counted(world: World) -> None:
    rollups = keeper(world)
    world.run(rollups.note_captured(NOON_NS))
    world.take([report_line(NOON_NS - 10 * NS_PER_S)])  # by another process, which has read no progress yet
    world.advance(3_700)
    world.run(rollups.roll_up())
    world.advance(61)
    world.run(rollups.roll_up())
    whole = TimeRange(NOON_NS - HOUR_NS, NOON_NS)
    assert is_trusted(world, HOUR_NS, whole.start_ns, Family.SERVICES)
    assert world.seen(whole, world.progress(), Family.SERVICES) == 1


def test_a_successor_announces_for_as_long_as_its_predecessor(world: World) -> None:
    rollups = keeper(world)
    world.run(rollups.note_captured(NOON_NS))
    world.advance(3_700)
    world.run(rollups.roll_up())
    successor = keeper(world, report_wait_s=300)
    world.run(successor.roll_up())
    world.advance(121)
    world.run(successor.roll_up())
    assert not is_trusted(world, HOUR_NS, NOON_NS, Family.SERVICES)
    world.advance(180)
    world.run(successor.roll_up())
    assert is_trusted(world, HOUR_NS, NOON_NS, Family.SERVICES)


def test_hours_of_a_claim_that_was_let_go_are_recomputed(world: World) -> None:
    rollups = keeper(world)
    world.run(rollups.note_captured(NOON_NS))
    world.advance(3_700)
    world.run(rollups.roll_up())
    world.advance(61)
    world.run(rollups.roll_up())
    claim = Claim(1, True, world.clock.now_ns(), ((NOON_NS, NOON_NS + HOUR_NS),))
    world.take([claim_line(claim)])
    world.advance(1.1)
    world.take([report_line(NOON_NS + 5)])
    world.run(rollups.roll_up())
    assert world.sum("services_1h", 0, NOON_NS + HOUR_NS, "events_received") == 0, "it is still held"
    assert world.wrong_sums() == []
    world.take([claim_line(Claim(2, False, claim.since_ns, claim.ranges))])
    world.run(rollups.roll_up())
    assert world.sum("services_1h", 0, NOON_NS + HOUR_NS, "events_received") == 1
    assert is_trusted(world, HOUR_NS, NOON_NS, Family.SERVICES)
    assert world.progress().seen == {"other a": 2}


def announces(request: Request) -> bool:
    return request.lines is not None and str(NOON_NS + HOUR_NS) in request.lines[0].partition("announced")[2]


def claim_line(claim: Claim) -> str:
    return text_line(PROGRESS, encode_claim(claim), PROGRESS_TIME_NS, {"owner": "other a"})


# The rest


def test_the_oldest_event_that_was_witnessed_is_kept(world: World) -> None:
    rollups = keeper(world)
    for time_ns in (NOON_NS, NOON_NS - 5, NOON_NS + 5):
        world.run(rollups.note_captured(time_ns))
    assert world.progress().captured_from_ns == NOON_NS - 5
    world.log.clear()
    world.run(rollups.note_captured(NOON_NS))
    assert world.log == []


def test_a_progress_of_somebody_else_is_left_alone(world: World) -> None:
    world.take([text_line(PROGRESS, '{"events":"next release"}', PROGRESS_TIME_NS, {"owner": "rollups"})])
    with pytest.raises(StoreRefusedError, match="written by a later release"):
        world.run(keeper(world).roll_up())
    assert world.texts() == {"rollups": '{"events":"next release"}'}


@pytest.mark.parametrize("what", [PROGRESS, "events_1m"])
def test_a_refused_line_of_ours_closes_nothing(world: World, what: str) -> None:
    rollups = settled(world)
    world.run(write(world, rollups, NOON_NS + 3 * MINUTE_NS))
    world.advance(120)
    refused = [RefusedLine(0, RefusalKey.OTHER, "no")]
    take = world.take
    world.take = lambda lines: refused if parsed(lines[0])[0] == what else take(lines)  # type: ignore[method-assign]
    with pytest.raises(StoreRefusedError, match="refused: no"):
        world.run(rollups.roll_up())
    assert not is_trusted(world, MINUTE_NS, NOON_NS + 3 * MINUTE_NS)


def test_what_is_empty_is_passed_over_and_asked_for_a_few_times(world: World) -> None:
    """Events of 1970 and of now: 57 years between them, which are 83,000 pieces of minutes."""
    rollups = keeper(world)
    world.run(write(world, rollups, HOUR_NS, NOON_NS - MINUTE_NS, NOON_NS))
    world.advance(200)
    world.run(rollups.roll_up())
    assert world.sum("events_1m", 0, NOON_NS + HOUR_NS) == 3
    assert is_trusted(world, MINUTE_NS, NOON_NS - MINUTE_NS)
    assert world.wrong_sums() == []
    assert len(world.log) < 300


def test_many_windows_are_asked_for_in_pieces(world: World) -> None:
    world.take([event_line(NOON_NS - 10 * HOUR_NS)])
    world.run(keeper(world).roll_up())
    assert world.log.count(f"ask sums of {EVENTS} by {MINUTE_NS}") == 2
    assert world.sum("events_1m", 0, NOON_NS) == 1


async def test_it_rolls_up_by_itself_until_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ha_ingestor_store.influx.rollups.rollups.CYCLE_S", 0.001)
    calls = 0
    reached = asyncio.Event()

    class Failing(Rollups):
        async def roll_up(self) -> None:
            nonlocal calls
            calls += 1
            if calls == 4:
                reached.set()
            raise StoreUnavailableError("away") if calls % 2 else ValueError("a mistake of ours")

    nothing: Any = None
    rollups = Failing(nothing, nothing, clock=FakeClock(), keep_s=0, raw_retention_s=0)
    rollups.start()
    await asyncio.wait_for(reached.wait(), 10)
    await rollups.stop()
    await rollups.stop()
    assert calls >= 4


def test_windows_are_open_until_the_first_progress_says_otherwise() -> None:
    assert Progress().events.get(MINUTE_NS, Windows(0)).trusted(0, DAY_NS) == []
