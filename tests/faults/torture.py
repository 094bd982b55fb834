"""One run: a world, faults in an order given by the seed, recovery, and the check of all events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from msgspec import Struct

from tests.faults.aftermath import found_in_store, settle
from tests.faults.faults import FAULTS, Fault
from tests.faults.oracle import Verdict
from tests.faults.setups import SETUPS
from tests.faults.world import World

AT_ONCE = 3
"""Maximum number of concurrent faults; never two of one target."""

STEADY = 0.8
"""How often the next faults wait for a subscriber: a start takes seconds on a busy machine."""


class Run(Struct, frozen=True):
    """The parameters: equal runs have the same faults in the same order, though not at the same microsecond."""

    setup: str
    seed: int
    minutes: float = 0.0
    """Duration; 0: until every possible fault has occurred once."""
    only: tuple[str, ...] = ()
    """Names of faults; none: all."""


async def torture(run: Run, folder: Path, say: Callable[[str], object] = str) -> Verdict:
    """Execute a run, and return the errors."""
    world = World(SETUPS[run.setup], run.seed, folder, is_long=run.minutes > 0)
    try:
        await world.start()
        await world.pause(1, 2)
        begin = time.monotonic()
        for faults in _rounds(world, run):
            say(f"{time.monotonic() - begin:6.1f} s  {', '.join(each.name for each in faults)}")
            async with asyncio.TaskGroup() as tasks:
                for each in faults:
                    tasks.create_task(each.run(world), name=each.name)
            if world.rng.random() < STEADY:
                await world.until_subscribed()
            await world.pause(0.1, 0.5)
            if run.minutes and time.monotonic() > begin + run.minutes * 60:
                break
        await world.load.stop()
        await settle(world)
    except BaseException:
        await world.stop()
        raise
    return await found_in_store(world)


def happening(world: World, only: tuple[str, ...] = ()) -> list[Fault]:
    """Return the faults that can occur in a world."""
    return [each for name, each in FAULTS.items() if each.can_happen(world) and (not only or name in only)]


def rounds(faults: list[Fault], rng: Random) -> Iterator[list[Fault]]:
    """Yield every fault once, in random order, up to three at a time."""
    waiting = rng.sample(faults, len(faults))
    while waiting:
        together: list[Fault] = []
        for each in waiting[: rng.randint(1, AT_ONCE)]:
            if all(each.targets.isdisjoint(other.targets) for other in together):
                together.append(each)
                waiting.remove(each)
        yield together


def _rounds(world: World, run: Run) -> Iterator[list[Fault]]:
    faults = happening(world, run.only)
    yield from rounds(faults, world.rng)
    while run.minutes:
        yield from rounds(faults, world.rng)
