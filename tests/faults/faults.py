"""All faults. A fault is a function of the world, which has recovered from it when the function returns.

To add one, write the function and name its targets (faults with a common target never overlap, others do) and, if it
cannot occur in every setup, the condition. It is then part of every run.
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
"""More events at once than Home Assistant buffers for a client."""


class Target(StrEnum):
    """What a fault affects."""

    HOME = "home"
    PROCESSES = "processes"
    STORE = "store"
    LINK = "link"
    DISK = "disk"
    CLOCK = "clock"


class Fault(Struct, frozen=True):
    """A fault with its targets and its condition."""

    name: str
    targets: frozenset[Target]
    run: Callable[[World], Coroutine[Any, Any, None]]
    can_happen: Callable[[World], bool]


FAULTS: dict[str, Fault] = {}

_Run = Callable[[World], Coroutine[Any, Any, None]]


def fault(*targets: Target, when: Callable[[World], bool] = lambda _: True) -> Callable[[_Run], _Run]:
    """Register a function as a fault."""

    def register(run: _Run) -> _Run:
        FAULTS[run.__name__] = Fault(run.__name__, frozenset(targets), run, when)
        return run

    return register


def on_influxdb(world: World) -> bool:
    """Return whether the store is a server."""
    return world.store is not None


def on_embedded(world: World) -> bool:
    """Return whether the store is a file."""
    return world.store is None


def apart(world: World) -> bool:
    """Return whether the services are separate processes."""
    return world.link is not None


def with_small_disk(world: World) -> bool:
    """Return whether the disk can be filled."""
    return world.no_small_disk is None


def with_a_clock_to_set(world: World) -> bool:
    """Return whether the ingestor's clock can be changed."""
    return world.clock.library is not None


# --- Home Assistant, and the connection to it


@fault(Target.HOME)
async def home_restarts_in_a_burst(world: World) -> None:
    """Home Assistant restarts, without events in the meantime."""
    world.load.burst(300)
    async with world.load.paused():
        await world.home.stop()
        await world.pause(0.2, 2)
        is_early = world.rng.random() < 0.5  # before any client can subscribe, or while clients can subscribe
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
    """The network is interrupted while the home continues."""
    await world.line.stop()
    await world.pause(0.5, 3)
    await world.line.start()


@fault(Target.HOME)
async def renamed_while_away(world: World) -> None:
    """An entity is renamed while there is no subscriber, and continues."""
    await world.line.stop()
    await world.pause(0.3, 1)
    world.home.rename()
    await world.pause(0.3, 1)
    await world.line.start()


@fault(Target.HOME)
async def renamed(world: World) -> None:
    """An entity is renamed while there is a subscriber."""
    world.home.rename()


@fault(Target.HOME)
async def frame_is_cut(world: World) -> None:
    """The connection ends in the middle of a frame."""
    world.line.cut_in_next_frame()
    world.load.burst(100)
    await world.pause(0.1, 0.5)


@fault(Target.HOME)
async def home_is_half_open(world: World) -> None:
    """The connection stays open without data, until the ingestor detects it."""
    with world.line.muted():
        await world.pause(0.5, 60 if world.is_long else 2)
    if world.rng.random() < 0.5:
        world.line.cut()


@fault(Target.HOME)
async def login_is_never_answered(world: World) -> None:
    """New connections are accepted and then not answered, until the ingestor gives up."""
    with world.line.muted():
        world.line.cut()
        await world.pause(1, 20 if world.is_long else 2)
    world.line.cut()


@fault(Target.HOME)
async def too_much_at_once(world: World) -> None:
    """More events than Home Assistant buffers for a client: it closes the connection and drops the rest."""
    world.load.burst(OVERLOAD)
    await world.pause(0.2, 1)


@fault(Target.HOME)
async def clock_of_the_house_jumps(world: World) -> None:
    """The clock of the home is wrong, and corrected later."""
    seconds = world.rng.uniform(-90, 90)
    world.home.clock.jump(seconds)
    await world.pause(0.5, 2)
    world.home.clock.jump(-seconds)


# --- the processes


@fault(Target.PROCESSES)
async def killed(world: World) -> None:
    """kill -9 of one process."""
    async with world.ingestor.without(world.rng.choice(world.ingestor.roles)):
        await world.pause(0, 1)


@fault(Target.PROCESSES)
async def killed_while_recovering(world: World) -> None:
    """kill -9 of the process with the spool, and again before it has started completely."""
    for _ in range(world.rng.randint(2, 3)):
        async with world.ingestor.without(world.ingestor.capture):
            pass
        await world.pause(0.1, 1.5)


@fault(Target.PROCESSES)
async def all_killed(world: World) -> None:
    """kill -9 of all processes, during a burst."""
    world.load.burst(300)
    async with world.ingestor.without(*world.ingestor.roles):
        await world.pause(0, 1)


@fault(Target.PROCESSES)
async def ended(world: World) -> None:
    """SIGTERM of one process."""
    async with world.ingestor.without(world.rng.choice(world.ingestor.roles), by=SIGTERM):
        await world.pause(0, 1)


@fault(Target.PROCESSES)
async def frozen(world: World) -> None:
    """One process is suspended: data sent to it waits in sockets, and is lost if the process is then killed."""
    with world.nothing_durable():
        async with world.ingestor.frozen(world.rng.choice(world.ingestor.roles)):
            await world.pause(0.5, 40 if world.is_long else 2)
        await world.pause(0, 1)


# --- the clock of the ingestor


@fault(Target.CLOCK, when=with_a_clock_to_set)
async def our_clock_jumps(world: World) -> None:
    """The clock is changed while everything is running, and corrected later."""
    with world.clock.wrong_by(_a_jump(world)):
        await world.pause(0.5, 15 if world.is_long else 2)


@fault(Target.CLOCK, Target.PROCESSES, when=with_a_clock_to_set)
async def our_clock_is_wrong_after_a_start(world: World) -> None:
    """A machine without a clock battery: its clock is corrected after all processes have started."""
    async with AsyncExitStack() as wrong:
        async with world.ingestor.without(*world.ingestor.roles, by=world.rng.choice([SIGTERM, SIGKILL])):
            wrong.enter_context(world.clock.wrong_by(_a_jump(world)))
        await world.until_subscribed()
        await world.pause(0.5, 15 if world.is_long else 2)


@fault(Target.CLOCK, Target.HOME, when=with_a_clock_to_set)
async def clock_of_both_jumps(world: World) -> None:
    """Home Assistant runs on the same machine, so both clocks change."""
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
    """The disk is full for the spool, and for an embedded store."""
    with world.nothing_durable(), filled(world.data_dir):
        await world.pause(0.5, 3)


@fault(Target.PROCESSES, Target.STORE, Target.DISK)
async def spool_is_damaged(world: World) -> None:
    """A page of the spool is damaged in a crash while the store is unavailable."""
    async with world.any_store.away():
        world.load.burst(400)
        await world.pause(0.3, 1)
        async with world.ingestor.without(*world.ingestor.roles):
            damage_spool(world)


# --- the store, and the connection to it


@fault(Target.STORE, Target.DISK, when=on_embedded)
async def store_is_locked(world: World) -> None:
    """Another process holds the write lock for some time."""
    async with world.any_store.away():
        await world.pause(0.5, 15 if world.is_long else 2)


@fault(Target.STORE, when=on_influxdb)
async def store_is_killed(world: World) -> None:
    """kill -9 of the database."""
    assert world.store is not None
    await world.store.kill_and_start(lambda: world.pause(0, 2))


@fault(Target.STORE, when=on_influxdb)
async def store_is_slow(world: World) -> None:
    """Each answer takes a second, or longer than the timeout."""
    await _store_behaves(world, http_proxy.slow(world.rng.choice([0.3, 1, 3.5])))


@fault(Target.STORE, when=on_influxdb)
async def store_says_429(world: World) -> None:
    """429 Too Many Requests, with Retry-After."""
    await _store_behaves(world, http_proxy.answering(429, Retry_After="1"))


@fault(Target.STORE, when=on_influxdb)
async def store_says_500(world: World) -> None:
    """500, which InfluxDB answers on overload."""
    await _store_behaves(world, http_proxy.answering(500))


@fault(Target.STORE, when=on_influxdb)
async def store_says_503(world: World) -> None:
    """503, which a proxy answers for an unavailable server; with a short body or an invalid Retry-After."""
    when = world.rng.choice(["1", "soon", "Wed, 21 Oct 2026 07:28:00 GMT"])
    await _store_behaves(world, http_proxy.answering(503, Retry_After=when))


@fault(Target.STORE, when=on_influxdb)
async def store_says_413(world: World) -> None:
    """413: a proxy accepts only small requests."""
    await _store_behaves(world, http_proxy.refusing_bodies_above(world.rng.choice([1200, 3000])))


@fault(Target.STORE, when=on_influxdb)
async def store_says_400(world: World) -> None:
    """400 for every request, from a TLS port or a proxy, or with an unknown message: no line is at fault."""
    body = world.rng.choice([http_proxy.TLS_PORT, http_proxy.PAGE, http_proxy.STRANGE])
    await _store_behaves(world, http_proxy.saying(world.rng.choice([400, 422]), body))


@fault(Target.STORE, when=on_influxdb)
async def store_refuses_lines(world: World) -> None:
    """Some lines are rejected and the others of the request written: 422 of 2.x, 400 of 1.x."""
    assert world.store is not None
    mark = b"entity_id=sensor.s%d," % world.rng.randrange(10)
    await _store_behaves(world, http_proxy.refusing_lines(mark, world.store.bad_lines_status))


@fault(Target.STORE, when=on_influxdb)
async def token_is_refused(world: World) -> None:
    """401 until the token is replaced and the ingestor restarted, which avoids waiting for the next attempt."""
    await _store_behaves(world, http_proxy.answering(401))
    if not world.is_long:
        async with world.ingestor.without(world.ingestor.capture, by=SIGTERM):
            pass


@fault(Target.STORE, when=on_influxdb)
async def connections_to_the_store_are_reset(world: World) -> None:
    """Connections are reset before a write, or after it and before the acknowledgement."""
    await _store_behaves(world, world.rng.choice([http_proxy.cut_before(), http_proxy.cut_after()]))


@fault(Target.STORE, when=on_influxdb)
async def store_is_half_open(world: World) -> None:
    """The store accepts requests and never answers, until they time out."""
    await _store_behaves(world, http_proxy.silent(), longest_s=40 if world.is_long else 2)


# --- the connection between the services


@fault(Target.LINK, when=apart)
async def link_is_reset(world: World) -> None:
    """Connections are reset before a batch is accepted, or after it and before the acknowledgement."""
    await _link_behaves(world, world.rng.choice([http_proxy.cut_before(), http_proxy.cut_after()]))


@fault(Target.LINK, when=apart)
async def link_says_503(world: World) -> None:
    """503: a proxy cannot reach the pipeline."""
    await _link_behaves(world, http_proxy.answering(503))


@fault(Target.LINK, when=apart)
async def link_says_413(world: World) -> None:
    """413: a proxy accepts only small batches."""
    await _link_behaves(world, http_proxy.refusing_bodies_above(20_000))


@fault(Target.LINK, when=apart)
async def link_is_half_open(world: World) -> None:
    """Batches are accepted and never answered."""
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
