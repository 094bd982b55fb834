"""Everything that may go wrong. A fault is a function of the world, which is whole again when the function returns.

A new one: write the function, say what it takes hold of (faults of one target never overlap, others do) and, where it
cannot happen everywhere, when. It is part of every run from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from enum import StrEnum
from signal import SIGKILL, SIGTERM
from typing import Any

from msgspec import Struct

from tests.faults import http_proxy
from tests.faults.damage import damage_spool
from tests.faults.disk import filled
from tests.faults.http_proxy import HttpProxy
from tests.faults.world import World

OVERLOAD = 4500
"""More events at once than Home Assistant keeps for a client."""


class Target(StrEnum):
    """What a fault takes hold of."""

    HOME = "home"
    PROCESSES = "processes"
    STORE = "store"
    LINK = "link"
    DISK = "disk"
    CLOCK = "clock"


class Fault(Struct, frozen=True):
    """One thing that may go wrong."""

    name: str
    targets: frozenset[Target]
    run: Callable[[World], Coroutine[Any, Any, None]]
    can_happen: Callable[[World], bool]


FAULTS: dict[str, Fault] = {}

_Run = Callable[[World], Coroutine[Any, Any, None]]


def fault(*targets: Target, when: Callable[[World], bool] = lambda _: True) -> Callable[[_Run], _Run]:
    """Make a function one of the faults."""

    def register(run: _Run) -> _Run:
        FAULTS[run.__name__] = Fault(run.__name__, frozenset(targets), run, when)
        return run

    return register


def on_influxdb(world: World) -> bool:
    """Whether the store is a server."""
    return world.store is not None


def on_embedded(world: World) -> bool:
    """Whether the store is a file."""
    return world.store is None


def apart(world: World) -> bool:
    """Whether the services talk over HTTP."""
    return world.link is not None


def with_small_disk(world: World) -> bool:
    """Whether the disk can be filled."""
    return world.no_small_disk is None


def with_a_clock_to_set(world: World) -> bool:
    """Whether our own clock can be wrong."""
    return world.clock.library is not None


# --- the house, and the way to it


@fault(Target.HOME)
async def home_restarts_in_a_burst(world: World) -> None:
    """Home Assistant is away for a moment; nothing happens in a house meanwhile."""
    world.load.burst(300)
    async with world.load.paused():
        await world.home.stop()
        await world.pause(0.2, 2)
        is_early = world.rng.random() < 0.5  # before anybody can listen, or when somebody may
        if is_early:
            world.home.forget_slow_ones()
        await world.home.start()
        await world.pause(0, 1)
        if not is_early:
            world.home.forget_slow_ones()
    await world.pause(0.5, 2)
    world.home.bring_back_slow_ones(str(world.rng.random()))


@fault(Target.HOME)
async def network_is_away(world: World) -> None:
    """The house lives on, unheard."""
    await world.line.stop()
    await world.pause(0.5, 3)
    await world.line.start()


@fault(Target.HOME)
async def renamed_while_away(world: World) -> None:
    """An entity gets another id while nobody listens, and goes on."""
    await world.line.stop()
    await world.pause(0.3, 1)
    world.home.rename()
    await world.pause(0.3, 1)
    await world.line.start()


@fault(Target.HOME)
async def renamed(world: World) -> None:
    """An entity gets another id while everybody listens."""
    world.home.rename()


@fault(Target.HOME)
async def frame_is_cut(world: World) -> None:
    """The connection ends in the middle of a frame."""
    world.line.cut_in_next_frame()
    world.load.burst(100)
    await world.pause(0.1, 0.5)


@fault(Target.HOME)
async def home_is_half_open(world: World) -> None:
    """The connection stays, and nothing comes; with time enough until the ingestor finds out by itself."""
    with world.line.muted():
        await world.pause(0.5, 60 if world.is_long else 2)
    if world.rng.random() < 0.5:
        world.line.cut()


@fault(Target.HOME)
async def login_is_never_answered(world: World) -> None:
    """New connections are accepted, and then nothing; with time enough until the ingestor gives up."""
    with world.line.muted():
        world.line.cut()
        await world.pause(1, 20 if world.is_long else 2)
    world.line.cut()


@fault(Target.HOME)
async def too_much_at_once(world: World) -> None:
    """More than Home Assistant keeps for a client: it cuts the connection off, and the rest is not sent."""
    world.load.burst(OVERLOAD)
    await world.pause(0.2, 1)


@fault(Target.HOME)
async def clock_of_the_house_jumps(world: World) -> None:
    """It was wrong, and is set right later."""
    seconds = world.rng.uniform(-90, 90)
    world.home.clock.jump(seconds)
    await world.pause(0.5, 2)
    world.home.clock.jump(-seconds)


# --- the processes


@fault(Target.PROCESSES)
async def killed(world: World) -> None:
    """kill -9 of one."""
    async with world.ingestor.without(world.rng.choice(world.ingestor.roles)):
        await world.pause(0, 1)


@fault(Target.PROCESSES)
async def killed_while_recovering(world: World) -> None:
    """kill -9 of the one that has the spool, and again before it is quite up."""
    for _ in range(world.rng.randint(2, 3)):
        async with world.ingestor.without(world.ingestor.capture):
            pass
        await world.pause(0.1, 1.5)


@fault(Target.PROCESSES)
async def all_killed(world: World) -> None:
    """kill -9 of all, in a burst."""
    world.load.burst(300)
    async with world.ingestor.without(*world.ingestor.roles):
        await world.pause(0, 1)


@fault(Target.PROCESSES)
async def ended(world: World) -> None:
    """SIGTERM of one."""
    async with world.ingestor.without(world.rng.choice(world.ingestor.roles), by=SIGTERM):
        await world.pause(0, 1)


@fault(Target.PROCESSES)
async def frozen(world: World) -> None:
    """The machine was suspended, for one of them: what it is sent meanwhile waits in sockets, and dies by a kill."""
    with world.nothing_durable():
        async with world.ingestor.frozen(world.rng.choice(world.ingestor.roles)):
            await world.pause(0.5, 40 if world.is_long else 2)
        await world.pause(0, 1)


# --- our own clock


@fault(Target.CLOCK, when=with_a_clock_to_set)
async def our_clock_jumps(world: World) -> None:
    """It is set while everything goes on, and set right later."""
    with world.clock.wrong_by(_a_jump(world)):
        await world.pause(0.5, 15 if world.is_long else 2)


@fault(Target.CLOCK, Target.PROCESSES, when=with_a_clock_to_set)
async def our_clock_is_wrong_after_a_start(world: World) -> None:
    """A machine without a battery for its clock: it learns the time after everything was started."""
    async with AsyncExitStack() as wrong:
        async with world.ingestor.without(*world.ingestor.roles, by=world.rng.choice([SIGTERM, SIGKILL])):
            wrong.enter_context(world.clock.wrong_by(_a_jump(world)))
        await world.until_subscribed()
        await world.pause(0.5, 15 if world.is_long else 2)


@fault(Target.CLOCK, Target.HOME, when=with_a_clock_to_set)
async def clock_of_both_jumps(world: World) -> None:
    """Home Assistant runs on the same machine."""
    seconds = _a_jump(world)
    world.home.clock.jump(seconds)
    with world.clock.wrong_by(seconds):
        await world.pause(0.5, 5 if world.is_long else 2)
        world.home.clock.jump(-seconds)


def _a_jump(world: World) -> float:
    longest_s = world.rng.choice([5, 300, 5 * 3600])
    return world.rng.choice([-1, 1]) * world.rng.uniform(0.1, longest_s)


# --- the disk


@fault(Target.DISK, when=with_small_disk)
async def disk_is_full(world: World) -> None:
    """Nothing can be written, to the spool as to an embedded store."""
    with world.nothing_durable(), filled(world.data_dir):
        await world.pause(0.5, 3)


@fault(Target.PROCESSES, Target.STORE, Target.DISK)
async def spool_is_damaged(world: World) -> None:
    """A page of the spool is wrong after a crash, while the store was away."""
    async with world.any_store.away():
        world.load.burst(400)
        await world.pause(0.3, 1)
        async with world.ingestor.without(*world.ingestor.roles):
            damage_spool(world)


# --- the store, and the way to it


@fault(Target.STORE, Target.DISK, when=on_embedded)
async def store_is_locked(world: World) -> None:
    """Another process writes, and takes its time."""
    async with world.any_store.away():
        await world.pause(0.5, 15 if world.is_long else 2)


@fault(Target.STORE, when=on_influxdb)
async def store_is_killed(world: World) -> None:
    """kill -9 of the database."""
    assert world.store is not None
    await world.store.kill_and_start(lambda: world.pause(0, 2))


@fault(Target.STORE, when=on_influxdb)
async def store_is_slow(world: World) -> None:
    """Every answer takes a second, or so long that nobody waits for it."""
    await _store_behaves(world, http_proxy.slow(world.rng.choice([0.3, 1, 3.5])))


@fault(Target.STORE, when=on_influxdb)
async def store_says_429(world: World) -> None:
    """Too many requests; the answer says when to come again."""
    await _store_behaves(world, http_proxy.answering(429, Retry_After="1"))


@fault(Target.STORE, when=on_influxdb)
async def store_says_500(world: World) -> None:
    """InfluxDB's word for overload."""
    await _store_behaves(world, http_proxy.answering(500))


@fault(Target.STORE, when=on_influxdb)
async def store_says_503(world: World) -> None:
    """A proxy's word for a server that is away; in a few words, or with the wrong kind of Retry-After."""
    when = world.rng.choice(["1", "soon", "Wed, 21 Oct 2026 07:28:00 GMT"])
    await _store_behaves(world, http_proxy.answering(503, Retry_After=when))


@fault(Target.STORE, when=on_influxdb)
async def store_says_413(world: World) -> None:
    """A proxy in between takes small requests only."""
    await _store_behaves(world, http_proxy.refusing_bodies_above(world.rng.choice([1200, 3000])))


@fault(Target.STORE, when=on_influxdb)
async def store_says_400(world: World) -> None:
    """A TLS port, a proxy's page, or words that nobody knows, for whatever is sent: no line is at fault."""
    body = world.rng.choice([http_proxy.TLS_PORT, http_proxy.PAGE, http_proxy.STRANGE])
    await _store_behaves(world, http_proxy.saying(world.rng.choice([400, 422]), body))


@fault(Target.STORE, when=on_influxdb)
async def store_refuses_lines(world: World) -> None:
    """Some lines are refused, and the others of the same request are written: 422 of 2.x, 400 of 1.x."""
    assert world.store is not None
    mark = b"entity_id=sensor.s%d," % world.rng.randrange(10)
    await _store_behaves(world, http_proxy.refusing_lines(mark, world.store.bad_lines_status))


@fault(Target.STORE, when=on_influxdb)
async def token_is_refused(world: World) -> None:
    """401 until somebody has mended it, and starts the ingestor again: it would wait for a minute else."""
    await _store_behaves(world, http_proxy.answering(401))
    if not world.is_long:
        async with world.ingestor.without(world.ingestor.capture, by=SIGTERM):
            pass


@fault(Target.STORE, when=on_influxdb)
async def connections_to_the_store_are_reset(world: World) -> None:
    """Before anything is written, or after it and before that is acknowledged."""
    await _store_behaves(world, world.rng.choice([http_proxy.cut_before(), http_proxy.cut_after()]))


@fault(Target.STORE, when=on_influxdb)
async def store_is_half_open(world: World) -> None:
    """It takes requests and never answers; with time enough until nobody waits any more."""
    await _store_behaves(world, http_proxy.silent(), longest_s=40 if world.is_long else 2)


# --- the way between the services


@fault(Target.LINK, when=apart)
async def link_is_reset(world: World) -> None:
    """Before a batch is taken, or after it and before that is acknowledged."""
    await _link_behaves(world, world.rng.choice([http_proxy.cut_before(), http_proxy.cut_after()]))


@fault(Target.LINK, when=apart)
async def link_says_503(world: World) -> None:
    """A proxy in between has lost the pipeline."""
    await _link_behaves(world, http_proxy.answering(503))


@fault(Target.LINK, when=apart)
async def link_says_413(world: World) -> None:
    """A proxy in between takes small batches only."""
    await _link_behaves(world, http_proxy.refusing_bodies_above(20_000))


@fault(Target.LINK, when=apart)
async def link_is_half_open(world: World) -> None:
    """Batches are taken and never answered."""
    await _link_behaves(world, http_proxy.silent(), longest_s=40 if world.is_long else 2)


async def _store_behaves(world: World, behaviour: http_proxy.Behaviour, longest_s: float = 2.5) -> None:
    assert world.store is not None
    await _behaves(world, world.store.proxy, behaviour, longest_s)


async def _link_behaves(world: World, behaviour: http_proxy.Behaviour, longest_s: float = 2.0) -> None:
    assert world.link is not None
    await _behaves(world, world.link, behaviour, longest_s)


async def _behaves(world: World, proxy: HttpProxy, behaviour: http_proxy.Behaviour, longest_s: float) -> None:
    with proxy.behaving(behaviour):
        world.load.burst(200)
        await world.pause(0.5, longest_s)
