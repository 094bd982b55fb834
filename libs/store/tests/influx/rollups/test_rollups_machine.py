"""No order of events makes a reader count wrong: two processes, lost answers, leaps of the clock, a restored store."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Coroutine
from typing import Any

from ha_ingestor_core.errors import IngestorError
from ha_ingestor_store.influx.rollups.lease import EXPIRED_S, Lease, Term
from ha_ingestor_store.influx.rollups.tenure import Tenure, Tenures
from ha_ingestor_store.influx.schema import EVENTS, GRAINS, Family
from ha_ingestor_store.influx.writing.batch_writer import BatchWriter
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS, TimeRange
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from libs.store.tests.influx.simulation import World, event_line, event_point, rollups_of

MIDNIGHT_NS = 20_780 * DAY_NS
YEAR_NS = 365 * DAY_NS
KEEP_S = 1.0
EVER = TimeRange(0, MIDNIGHT_NS + 10 * YEAR_NS)

ages = st.sampled_from([0, 1, MINUTE_NS, 3 * MINUTE_NS, 70 * MINUTE_NS, 26 * HOUR_NS])
seconds = st.sampled_from([0.3, 0.5, 1.0, 5.0, 15.0, 65.0, 130.0, 3600.0])
whichever = st.integers(0, 7)
processes = st.sampled_from(["a", "b"])


class Process:
    """An instance of the pipeline, as far as it writes events."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.loop = world.another_loop()
        self.tasks: list[asyncio.Task[Any]] = []
        self.lease = Lease(world.dialect, world.writer, clock=world.clock, instance=name)
        self.tenures: Tenures[BatchWriter] = Tenures(self.lease, self.begin)

    def begin(self, term: Term) -> Tenure[BatchWriter]:
        writer = self.world.writer_of(term.remaining_s)
        return Tenure(term, rollups_of(self.world, term, writer), writer)

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        if self.is_stopped:
            work.close()
            return
        self.tasks = [task for task in self.tasks if not task.done()]
        self.tasks.append(self.world.start(quietly(work), self.loop))

    @property
    def is_stopped(self) -> bool:
        return self.loop in self.world.stopped

    @property
    def is_busy(self) -> bool:
        return not self.is_stopped and any(not task.done() for task in self.tasks)

    async def write(self, times_ns: list[int], numbers: list[int]) -> None:
        tenure = await self.tenures.current()
        points = [event_point(at, f"d.{n % 2}") for at, n in zip(times_ns, numbers, strict=True)]
        stored = {(dict(tags).get("entity_id"), at) for name, tags, at in self.world.points if name == EVENTS}
        new = [point for point in points if (point.entity_id, point.time_ns) not in stored]
        async with tenure.rollups.writing(times_ns):
            lines = [event_line(point.time_ns, point.entity_id or "") for point in points]
            await tenure.events.write(self.world.dialect.write_target(rollups=False), lines)
            tenure.rollups.count(new)

    async def renew(self) -> None:
        await (await self.tenures.current()).rollups.renew()

    async def roll_up(self) -> None:
        await (await self.tenures.current()).rollups.roll_up()


class RollupsMachine(RuleBasedStateMachine):
    """Whatever may happen to two processes, their server and its clock, step by step."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(MIDNIGHT_NS - 90 * 1_000_000_000, keep_s=KEEP_S)
        self.processes = {name: Process(self.world, name) for name in ("a", "b")}
        self.number = 0
        self.raw_copy: dict[Any, Any] | None = None
        self.whole_copy: dict[Any, Any] | None = None
        self.written_since_ns = EVER.end_ns

    def teardown(self) -> None:
        self.world.close()

    @rule(name=processes, how_old=st.lists(ages, min_size=1, max_size=3))
    def write_begins(self, name: str, how_old: list[int]) -> None:
        process = self.processes[name]
        if sum(not task.done() for task in process.tasks) >= 3:
            return
        numbers = list(range(self.number, self.number + len(how_old)))
        self.number += len(how_old)
        now_ns = self.world.clock.now_ns()
        times = [now_ns - age - n for age, n in zip(how_old, numbers, strict=True)]
        self.written_since_ns = min(self.written_since_ns, *times)
        process.start(process.write(times, numbers))

    @rule(name=processes)
    def renewal_begins(self, name: str) -> None:
        self.processes[name].start(self.processes[name].renew())

    @rule(name=processes)
    def roll_up_begins(self, name: str) -> None:
        self.processes[name].start(self.processes[name].roll_up())

    @rule(name=processes, late=st.booleans())
    def write_and_roll_up_to_the_end(self, name: str, late: bool) -> None:
        self.write_begins(name, [MINUTE_NS if late else 0])
        self.everything_comes_to_its_end()
        self.roll_up_begins(name)
        self.everything_comes_to_its_end()

    @rule()
    def everything_comes_to_its_end(self) -> None:
        """All requests in flight are answered; tasks that wait for readers or for late lines continue."""
        for _ in range(10_000):
            waiting = [each for each in self.world.waiting if each.loop not in self.world.stopped]
            if waiting:
                self.world.serve(waiting[0])
            elif not any(process.is_busy for process in self.processes.values()):
                return
            else:
                self.world.advance(0.5)
            self.no_reader_trusts_a_wrong_sum()
        raise AssertionError("a process waits for ever")

    @rule(which=whichever)
    @precondition(lambda self: self.world.waiting)
    def request_is_served(self, which: int) -> None:
        waiting = self.world.waiting
        self.world.serve(waiting[which % len(waiting)])

    @rule(which=whichever)
    @precondition(lambda self: self.world.waiting)
    def request_arrives_and_its_answer_waits(self, which: int) -> None:
        waiting = self.world.waiting
        waiting[which % len(waiting)].arrive()

    @rule(which=whichever)
    @precondition(lambda self: self.world.waiting)
    def request_fails(self, which: int) -> None:
        waiting = self.world.waiting
        self.world.fail(waiting[which % len(waiting)])

    @rule(which=whichever)
    @precondition(lambda self: self.world.stragglers)
    def straggler_arrives(self, which: int) -> None:
        self.world.straggle(which % len(self.world.stragglers))

    @rule(seconds=seconds)
    def time_passes(self, seconds: float) -> None:
        self.world.advance(seconds)

    @rule(years=st.sampled_from([-1, 1]))
    def clock_leaps(self, years: int) -> None:
        self.world.clock.turn_to(self.world.clock.now_ns() + years * YEAR_NS)

    @rule(name=processes)
    def process_crashes_and_another_begins(self, name: str) -> None:
        process = self.processes[name]
        self.world.stopped = [loop for loop in self.world.stopped if loop is not process.loop]
        self.world.crash(process.tasks, process.loop)
        self.processes[name] = Process(self.world, name)

    @rule(name=processes)
    def process_is_stopped_or_goes_on(self, name: str) -> None:
        loop = self.processes[name].loop
        if loop in self.world.stopped:
            self.world.stopped.remove(loop)
        else:
            self.world.stopped.append(loop)
        self.world.turn()

    @rule(name=processes)
    def process_ends_in_order(self, name: str) -> None:
        process = self.processes[name]
        if not process.is_stopped:
            process.start(process.tenures.stop())

    @rule()
    def raw_points_are_copied(self) -> None:
        self.raw_copy = {key: dict(told) for key, told in self.world.points.items() if key[0] == EVENTS}
        self.written_since_ns = EVER.end_ns

    @rule()
    @precondition(lambda self: self.raw_copy is not None)
    def rollups_are_copied(self) -> None:
        """Later, but only if nothing older than the last hour was written meanwhile."""
        finest = self.world.progress().events.get(GRAINS[Family.EVENTS][0])
        if self.raw_copy is not None and (finest is None or self.written_since_ns >= finest.until_ns - HOUR_NS):
            rollups = {key: dict(told) for key, told in self.world.points.items() if key[0] != EVENTS}
            self.whole_copy = self.raw_copy | rollups

    @rule()
    @precondition(lambda self: self.whole_copy is not None)
    def store_is_restored(self) -> None:
        """While nothing runs."""
        for name in self.processes:
            self.process_crashes_and_another_begins(name)
        self.world.restore(copy.deepcopy(self.whole_copy or {}))
        self.raw_copy = self.whole_copy = None
        for _ in range(2):  # it sees that nobody holds the lease, and takes it
            self.processes["a"].start(self.processes["a"].renew())
            while self.world.waiting:
                self.world.serve()
            self.world.advance(EXPIRED_S)

    @invariant()
    def no_reader_trusts_a_wrong_sum(self) -> None:
        assert self.world.wrong_sums() == []

    @invariant()
    def every_reader_counts_what_is_there(self) -> None:
        truth = self.world.sum(EVENTS, EVER.start_ns, EVER.end_ns)
        assert all(self.world.seen(EVER, belief) == truth for belief in self.world.beliefs())


async def quietly(work: Any) -> None:
    try:
        await work
    except IngestorError:  # a retry is another rule
        return


TestRollups = RollupsMachine.TestCase
TestRollups.settings = settings(max_examples=settings().max_examples // 10, stateful_step_count=60, deadline=None)
