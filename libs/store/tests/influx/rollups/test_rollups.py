"""The keeper of the rollups, step by step: what is opened, waited for, recomputed and closed, and in which order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.errors import StoreRefusedError, StoreUnavailableError
from ha_ingestor_core.service_metrics import ServiceMetricsPoint
from ha_ingestor_store.influx.rollups.progress import Progress, Windows
from ha_ingestor_store.influx.rollups.rollups import LAG_NS, Rollups
from ha_ingestor_store.influx.schema import EVENTS, PROGRESS, PROGRESS_TIME_NS, SECOND_NS, Family
from ha_ingestor_store.influx.server.write_answers import RefusalKey
from ha_ingestor_store.influx.writing.batch_writer import RefusedLine
from ha_ingestor_store.influx.writing.line_protocol import count_line, service_metrics_line, text_line
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS, TimeRange

from libs.store.tests.influx.simulation import World, begin, event_line, event_point, parsed

NOON_NS = 20_780 * DAY_NS + 12 * HOUR_NS
EVER = TimeRange(0, NOON_NS + 1_000 * DAY_NS)
WRITE = f"write {EVENTS}"
SAVE = f"write {PROGRESS}"


@pytest.fixture
def world() -> Iterator[World]:
    world = World(NOON_NS, keep_s=1.0)
    yield world
    world.close()


def settled(world: World, **changes: Any) -> Rollups:
    """A keeper that has rolled up all until now: three minutes of the hour with an event in each."""
    rollups = begin(world, **changes)
    world.run(write(world, rollups, *(NOON_NS + n * MINUTE_NS for n in range(3))))
    world.advance(200)
    receive(world, rollups)
    world.run(rollups.roll_up())
    return rollups


def receive(world: World, rollups: Rollups) -> None:
    """An event of tomorrow, which the watermark may follow, and which is in no window that the tests count."""
    world.run(write(world, rollups, NOON_NS + 36 * HOUR_NS))


async def write(world: World, rollups: Rollups, *times_ns: int) -> None:
    async with rollups.writing(times_ns):
        await world.writer.write(world.dialect.write_target(rollups=False), [event_line(at) for at in times_ns])
        rollups.count(map(event_point, times_ns))


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
    world.take([event_line(NOON_NS - 3 * HOUR_NS), event_line(NOON_NS)])
    rollups = begin(world)
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
    assert writes.index("write events_1s") < writes.index(SAVE)
    assert writes.index("write events_1m") < len(writes) - 1 - writes[::-1].index(SAVE)


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
    world.log.clear()
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
    successor = begin(world)
    late = world.start(write(world, successor, NOON_NS))
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
    successor = begin(world)
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
    slow = world.serve_until(WRITE)
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
    asked = world.serve_until(f"sums of {EVENTS} by {MINUTE_NS}")
    asked.arrive()  # summed without the point
    world.start(write(world, rollups, minute))
    written = world.serve_until(WRITE, but=asked)
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
    successor = begin(world)
    world.advance(90)
    world.run(successor.roll_up())
    assert not is_trusted(world, MINUTE_NS, minute)
    world.straggle()
    world.advance(29)
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
    successor = begin(world)
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


def test_hours_of_services_are_closed_a_minute_after_their_end(world: World) -> None:
    rollups = begin(world)
    world.take([report_line(NOON_NS + 1)])
    world.run(rollups.note_captured(NOON_NS))
    world.advance(3_600 + 69)
    world.run(rollups.roll_up())
    assert not is_trusted(world, HOUR_NS, NOON_NS, Family.SERVICES)
    world.advance(1)
    world.run(rollups.roll_up())
    assert is_trusted(world, HOUR_NS, NOON_NS, Family.SERVICES)
    assert world.sum("services_1h", NOON_NS, NOON_NS + HOUR_NS, "events_received") == 1


def test_an_hour_of_services_is_counted_until_two_counts_agree(world: World) -> None:
    """An instance that counts its hour anew meanwhile must not be overwritten with an older count."""
    rollups = begin(world)
    world.take([report_line(NOON_NS + 1)])
    world.run(rollups.note_captured(NOON_NS))
    world.advance(3_700)
    rolling = world.start(rollups.roll_up())
    world.serve_until("sums of service_metrics").arrive()
    world.take([report_line(NOON_NS + 2, 5), report_rollup(NOON_NS, 6)])
    world.serve(world.waiting[0])
    while not rolling.done():
        world.serve()
    assert world.sum("services_1h", NOON_NS, NOON_NS + HOUR_NS, "events_received") == 6
    assert is_trusted(world, HOUR_NS, NOON_NS, Family.SERVICES)


def report_rollup(hour_ns: int, received: int) -> str:
    return count_line("services_1h", {"service": "other"}, {"events_received": received}, hour_ns)


# The rest


def test_the_oldest_event_that_was_witnessed_is_kept(world: World) -> None:
    rollups = begin(world)
    for time_ns in (NOON_NS, NOON_NS - 5, NOON_NS + 5):
        world.run(rollups.note_captured(time_ns))
    assert world.progress().captured_from_ns == NOON_NS - 5
    world.log.clear()
    world.run(rollups.note_captured(NOON_NS))
    assert world.log == []


def test_a_progress_of_somebody_else_is_left_alone(world: World) -> None:
    world.take([text_line(PROGRESS, '{"term":"next release"}', PROGRESS_TIME_NS, {"owner": "term 7"})])
    with pytest.raises(StoreRefusedError, match="written by a later release"):
        begin(world)
    assert world.texts() == {"term 7": '{"term":"next release"}'}


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
    rollups = begin(world)
    world.run(write(world, rollups, HOUR_NS, NOON_NS - MINUTE_NS, NOON_NS))
    world.advance(200)
    receive(world, rollups)
    world.run(rollups.roll_up())
    assert world.sum("events_1m", 0, NOON_NS + HOUR_NS) == 3
    assert is_trusted(world, MINUTE_NS, NOON_NS - MINUTE_NS)
    assert world.wrong_sums() == []
    assert len(world.log) < 300


def test_many_windows_are_asked_for_in_pieces(world: World) -> None:
    world.take([event_line(NOON_NS - 10 * HOUR_NS), event_line(NOON_NS)])
    world.run(begin(world).roll_up())
    assert world.log.count(f"ask sums of {EVENTS} by {MINUTE_NS}") == 2
    assert world.sum("events_1m", 0, NOON_NS) == 1


def test_windows_are_open_until_the_first_progress_says_otherwise() -> None:
    assert Progress().events.get(MINUTE_NS, Windows(0)).trusted(0, DAY_NS) == []


# What a process alone can't know


def test_what_two_processes_write_one_after_the_other_is_counted(world: World) -> None:
    first = settled(world)
    second = begin(world, "b")
    world.advance(200)
    receive(world, second)
    world.run(second.roll_up())
    late = world.clock.now_ns() - 2 * MINUTE_NS
    world.run(write(world, second, late))
    world.run(second.roll_up())
    assert world.wrong_sums() == []
    assert first is not second


def test_an_old_progress_of_a_dead_process_does_not_count(world: World) -> None:
    first = settled(world)
    world.advance(60)
    rolling = world.start(first.roll_up())
    world.serve_until(SAVE)
    world.crash([rolling])
    second = begin(world)
    minute = NOON_NS + 3 * MINUTE_NS
    world.run(write(world, second, minute))
    world.straggle()
    world.run(write(world, second, minute + 1))
    assert not is_trusted(world, MINUTE_NS, minute)
    assert world.wrong_sums() == []


def test_a_clock_that_runs_a_year_ahead_costs_nothing_afterwards(world: World) -> None:
    rollups = settled(world)
    now_ns = world.clock.now_ns()
    world.clock.turn_to(now_ns + 365 * DAY_NS)
    world.run(write(world, rollups, world.clock.now_ns()))  # events from the future, too
    world.advance(100)
    world.run(rollups.roll_up())
    world.clock.turn_to(now_ns + 100 * NS_PER_S)
    world.run(rollups.roll_up())
    world.advance(2)
    before = world.clock.monotonic()
    for _ in range(10):
        world.advance(30)
        world.run(write(world, rollups, world.clock.now_ns()))
        world.run(rollups.roll_up())
    assert world.clock.monotonic() - before == 300
    assert is_trusted(world, MINUTE_NS, world.clock.now_ns() // MINUTE_NS * MINUTE_NS - 2 * MINUTE_NS)
    assert world.wrong_sums() == []


def test_a_write_waits_for_readers_of_a_watermark_that_was_turned_back(world: World) -> None:
    rollups = settled(world)
    now_ns = world.clock.now_ns()
    world.clock.turn_to(now_ns + 30 * HOUR_NS)
    world.run(rollups.roll_up())
    world.clock.turn_to(now_ns)
    rolling = world.start(rollups.roll_up())
    world.serve_until(SAVE).arrive()
    early = world.start(write(world, rollups, now_ns + 1))
    assert not world.waiting_for(WRITE)
    while not (rolling.done() and early.done()):
        world.serve() if world.waiting else world.advance(0.25)
        assert world.wrong_sums() == []


def test_after_a_restore_the_last_hour_is_counted_anew(world: World) -> None:
    """The copy of the raw points is older than that of the rollups: what these count more is not there."""
    first = settled(world)
    raw = {key: dict(told) for key, told in world.points.items() if key[0] == EVENTS}
    world.run(write(world, first, NOON_NS + 3 * MINUTE_NS))
    world.advance(200)
    world.run(first.roll_up())
    rollups = {key: dict(told) for key, told in world.points.items() if key[0] != EVENTS}
    world.restore(raw | rollups)
    second = begin(world)
    world.advance(130)
    assert world.wrong_sums() == []
    world.run(second.roll_up())
    assert is_trusted(world, MINUTE_NS, NOON_NS + 3 * MINUTE_NS)
    assert world.wrong_sums() == []


# Seconds, and what is counted in memory


def test_windows_of_a_term_are_written_without_asking_the_server(world: World) -> None:
    rollups = settled(world)
    world.advance(3 * 3_600)
    world.run(rollups.roll_up())
    hour_ns = world.clock.now_ns() // HOUR_NS * HOUR_NS + HOUR_NS
    world.clock.turn_to(hour_ns)
    for _ in range(10):
        world.advance(400)
        world.run(write(world, rollups, world.clock.now_ns()))
        world.run(rollups.roll_up())
    world.log.clear()
    world.run(rollups.roll_up())
    world.advance(20)
    world.run(rollups.roll_up())
    assert not [entry for entry in world.log if entry.startswith(f"ask sums of {EVENTS}")]
    tables = ("events_1s", "events_1m", "events_1h", "entities_1h")
    assert [world.sum(table, hour_ns, hour_ns + HOUR_NS) for table in tables] == [8, 8, 8, 8]
    assert world.wrong_sums() == []


def test_a_second_is_closed_within_two_seconds_of_its_end(world: World) -> None:
    rollups = settled(world)
    for _ in range(20):
        world.advance(rollups.next_in_s + 0.01)
        world.run(write(world, rollups, world.clock.now_ns()))
        world.run(rollups.roll_up())
        age_ns = world.clock.now_ns() - world.progress().events[SECOND_NS].until_ns
        assert 0 < age_ns <= 2 * NS_PER_S
    assert world.wrong_sums() == []


def test_seconds_wait_for_events_that_are_usually_late(world: World) -> None:
    """Otherwise each write of such a home would wait for readers."""
    rollups = settled(world)
    waited = 0.0
    for _ in range(20):
        world.advance(1)
        before = world.clock.monotonic()
        world.run(write(world, rollups, world.clock.now_ns() - 4 * NS_PER_S))
        waited += world.clock.monotonic() - before
        world.run(rollups.roll_up())
    assert waited < 6
    assert world.wrong_sums() == []


def test_what_is_under_way_holds_the_seconds_back_and_is_not_opened_behind_them(world: World) -> None:
    rollups = settled(world)
    world.advance(5)
    world.run(rollups.roll_up())
    begin_ns = world.clock.now_ns()
    writing = world.start(write(world, rollups, begin_ns))
    slow = world.serve_until(WRITE)
    world.advance(3)
    world.run(rollups.roll_up(), but=slow)
    seconds = world.progress().events[SECOND_NS]
    assert seconds.until_ns == begin_ns // NS_PER_S * NS_PER_S
    assert all(end <= NOON_NS for _, end in seconds.open)
    world.serve(slow)
    assert writing.done()


def test_seconds_older_than_three_days_are_not_rolled_up(world: World) -> None:
    world.take([event_line(NOON_NS - 5 * DAY_NS), event_line(NOON_NS - 2 * DAY_NS), event_line(NOON_NS)])
    world.run(begin(world).roll_up())
    assert not is_trusted(world, SECOND_NS, NOON_NS - 5 * DAY_NS)
    assert is_trusted(world, SECOND_NS, NOON_NS - 2 * DAY_NS)
    assert world.sum("events_1s", 0, NOON_NS - 3 * DAY_NS) == 0
    assert world.wrong_sums() == []
