"""Who has the lease on writing events: taken after the other has ended, never by two, and lost in time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from ha_ingestor_core.errors import StoreRefusedError, StoreUnavailableError
from ha_ingestor_store.influx.rollups.kept_progress import inherited
from ha_ingestor_store.influx.rollups.lease import EXPIRED_S, RESTARTED_S, VALID_S, Lease, Term, newest_standing
from ha_ingestor_store.influx.schema import PROGRESS
from ha_ingestor_store.influx.server.write_answers import RefusalKey
from ha_ingestor_store.influx.writing.batch_writer import RefusedLine
from ha_ingestor_store.time_range import DAY_NS
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.store.tests.influx.simulation import World, rollups_of

NOON_NS = 20_780 * DAY_NS


@pytest.fixture
def world() -> Iterator[World]:
    world = World(NOON_NS)
    yield world
    world.close()


def lease(world: World, instance: str) -> Lease:
    return Lease(world.dialect, world.writer, clock=world.clock, instance=instance)


def take(world: World, instance: str | Lease) -> Term:
    asked = lease(world, instance) if isinstance(instance, str) else instance
    term: Term = world.run(asked.take(inherited))
    return term


def is_refused(world: World, asked: Lease) -> bool:
    try:
        take(world, asked)
    except StoreUnavailableError:
        return True
    return False


def test_the_first_takes_the_first_term(world: World) -> None:
    term = take(world, "a")
    assert (term.number, term.found, term.is_held) == (1, None, True)
    assert term.remaining_s() == VALID_S


def test_another_waits_until_it_has_seen_no_renewal_for_long_enough(world: World) -> None:
    take(world, "a")
    other = lease(world, "b")
    assert is_refused(world, other)
    world.advance(EXPIRED_S - 0.1)
    assert is_refused(world, other)
    world.advance(0.1)
    assert take(world, other).number == 2


def test_a_renewal_is_waited_for_anew(world: World) -> None:
    rollups = rollups_of(world, take(world, "a"), world.writer)
    other = lease(world, "b")
    for _ in range(5):
        assert is_refused(world, other)
        world.advance(EXPIRED_S - 5)
        world.run(rollups.renew())
    assert is_refused(world, other)


def test_the_same_instance_waits_for_a_moment(world: World) -> None:
    take(world, "a")
    again = lease(world, "a")
    assert is_refused(world, again)
    world.advance(RESTARTED_S)
    assert take(world, again).number == 2


def test_a_process_that_lost_its_term_takes_the_next_at_once(world: World) -> None:
    own = lease(world, "a")
    take(world, own).end()
    assert take(world, own).number == 2


def test_after_a_release_nobody_waits(world: World) -> None:
    term = take(world, "a")
    world.run(rollups_of(world, term, world.writer).release())
    assert not term.is_held
    found = take(world, "b").found
    assert found is not None
    assert found.is_clean


def test_a_term_ends_thirty_seconds_after_the_last_save_that_was_acknowledged(world: World) -> None:
    term = take(world, "a")
    rollups = rollups_of(world, term, world.writer_of(term.remaining_s))
    world.advance(20)
    world.run(rollups.renew())
    world.advance(20)
    assert term.remaining_s() == VALID_S - 20
    failed = world.start(rollups.renew())
    world.fail(world.serve_until(f"write {PROGRESS}"))
    assert isinstance(failed.exception(), StoreUnavailableError)
    world.advance(10)
    with pytest.raises(StoreUnavailableError, match="lease on writing events was lost"):
        term.remaining_s()
    term.renew(world.clock.monotonic())
    assert not term.is_held, "what has ended stays so"


def test_a_holder_that_was_stopped_writes_nothing_when_it_goes_on(world: World) -> None:
    term = take(world, "a")
    rollups = rollups_of(world, term, world.writer_of(term.remaining_s))
    world.run(rollups.roll_up())
    world.advance(VALID_S)
    written = world.start(written_late(world, rollups, term))
    assert isinstance(written.exception(), StoreUnavailableError)
    assert not world.waiting


async def written_late(world: World, rollups: Any, term: Term) -> None:
    async with rollups.writing([NOON_NS]):
        await world.writer_of(term.remaining_s).write(world.dialect.write_target(rollups=False), ["a,b=c count=1.0 1"])


def test_a_holder_whose_store_was_restored_ends_its_term(world: World) -> None:
    term = take(world, "a")
    rollups = rollups_of(world, term, world.writer_of(term.remaining_s))
    world.advance(2)
    world.run(rollups.renew())
    copy = {key: dict(told) for key, told in world.points.items()}
    world.advance(2)
    world.run(rollups.renew())
    world.restore(copy)
    world.advance(2)
    with pytest.raises(StoreUnavailableError, match="was lost"):
        world.run(rollups.renew())
    assert not term.is_held


def test_a_holder_of_a_lower_term_ends(world: World) -> None:
    term = take(world, "a")
    world.advance(2)
    other = lease(world, "b")
    is_refused(world, other)
    world.advance(EXPIRED_S)
    take(world, other)
    with pytest.raises(StoreUnavailableError, match="was lost"):
        world.run(rollups_of(world, term, world.writer).renew() if term.is_held else wait(term))


async def wait(term: Term) -> None:
    term.remaining_s()


@settings(deadline=None)
@given(order=st.lists(st.integers(0, 3), max_size=40), pause=st.sampled_from([0.0, 5.0, 35.0]))
def test_of_two_that_begin_at_once_one_at_most_takes_it(order: list[int], pause: float) -> None:
    world = World(NOON_NS)
    loops = [world.another_loop() for _ in "ab"]
    tasks = [world.start(lease(world, name).take(inherited), loop) for name, loop in zip("ab", loops, strict=True)]
    for step in order:
        if step == 3:
            world.advance(pause)
        elif step == 2:
            world.fail(world.waiting[0]) if world.waiting else None
        else:
            own = [request for request in world.waiting if request.loop is loops[step]]
            if own:
                world.serve(own[0])
    while world.waiting:
        world.serve()
    assert sum(has_taken(task) for task in tasks) <= 1
    while world.stragglers:
        world.straggle()
    for task in tasks:
        if has_taken(task):
            standing = newest_standing(world.texts())
            assert standing is not None
            assert (standing.term, standing.holder) == (task.result().number, task.result().holder)
    world.close()


def has_taken(task: asyncio.Task[Term]) -> bool:
    return task.done() and task.exception() is None


def test_a_candidate_that_died_is_waited_for_until_its_save_can_not_arrive_any_more(world: World) -> None:
    dying = world.start(lease(world, "a").take(inherited))
    world.serve_until(f"write {PROGRESS}")
    world.serve()
    world.serve()
    world.crash([dying])
    other = lease(world, "b")
    assert is_refused(world, other)
    world.advance(119)
    assert is_refused(world, other)
    world.advance(40)
    assert take(world, other).number == 1


def test_a_refusal_takes_nothing(world: World) -> None:
    world.take = lambda lines: [RefusedLine(0, RefusalKey.OTHER, "no")]  # type: ignore[method-assign]
    with pytest.raises(StoreRefusedError, match="the lease on writing events was refused: no"):
        take(world, "a")
