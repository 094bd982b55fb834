"""No crash and no reader in between sees a wrong sum: every order of events that hypothesis can think of."""

from __future__ import annotations

import asyncio
from typing import Any

from ha_ingestor_core.errors import IngestorError
from ha_ingestor_store.influx.rollups.rollups import Rollups
from ha_ingestor_store.influx.schema import EVENTS, PROGRESS, Family
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS, TimeRange
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from libs.store.tests.influx.simulation import World, event_line

MIDNIGHT_NS = 20_780 * DAY_NS
KEEP_S = 1.0

ages = st.sampled_from([0, 1, MINUTE_NS, 3 * MINUTE_NS, 70 * MINUTE_NS, 26 * HOUR_NS])
seconds = st.sampled_from([0.3, 0.5, 1.0, 5.0, 15.0, 65.0, 130.0, 3600.0])
whichever = st.integers(0, 7)


class RollupsMachine(RuleBasedStateMachine):
    """Writes early and late, recomputations, readers, failures, stragglers and crashes, step by step."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(MIDNIGHT_NS - 90 * 1_000_000_000, keep_s=KEEP_S)
        self.tasks: list[asyncio.Task[Any]] = []
        self.rolling: asyncio.Task[Any] | None = None
        self.number = 0
        self.begin_process()
        self.world.run(self.rollups.note_captured(MIDNIGHT_NS))

    def teardown(self) -> None:
        self.world.close()

    def begin_process(self) -> None:
        self.rollups = Rollups(
            self.world.dialect, self.world.writer, clock=self.world.clock, keep_s=KEEP_S, raw_retention_s=0
        )

    async def write(self, times_ns: list[int], numbers: list[int]) -> None:
        lines = [event_line(at, f"d.{n % 2}") for at, n in zip(times_ns, numbers, strict=True)]
        async with self.rollups.writing(Family.EVENTS, times_ns):
            await self.world.writer.write(self.world.dialect.write_target(rollups=False), lines)

    @rule(how_old=st.lists(ages, min_size=1, max_size=3))
    @precondition(lambda self: sum(not task.done() for task in self.tasks) < 3)
    def write_begins(self, how_old: list[int]) -> None:
        numbers = list(range(self.number, self.number + len(how_old)))
        self.number += len(how_old)
        now_ns = self.world.clock.now_ns()
        times = [now_ns - age - n for age, n in zip(how_old, numbers, strict=True)]
        self.tasks.append(self.world.start(quietly(self.write(times, numbers))))

    @rule()
    @precondition(lambda self: self.rolling is None or self.rolling.done())
    def roll_up_begins(self) -> None:
        self.rolling = self.world.start(quietly(self.rollups.roll_up()))

    @rule()
    @precondition(lambda self: self.rolling is None or self.rolling.done())
    def roll_up_from_begin_to_end(self) -> None:
        self.roll_up_begins()
        self.everything_comes_to_its_end()

    @rule()
    def everything_comes_to_its_end(self) -> None:
        """All that is under way is served; who waits for readers, or for what may still arrive, goes on."""
        tasks = [*self.tasks, *([self.rolling] if self.rolling else [])]
        for _ in range(10_000):
            if self.world.waiting:
                self.world.serve()
            elif all(task.done() for task in tasks):
                return
            else:
                self.world.advance(0.5)
            self.no_reader_trusts_a_wrong_sum()
        raise AssertionError("somebody waits for ever")

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

    @rule()
    def process_crashes_and_another_begins(self) -> None:
        self.world.crash([*self.tasks, *([self.rolling] if self.rolling else [])])
        self.world.stragglers = [each for each in self.world.stragglers if each[1].about != f"write {PROGRESS}"]
        self.tasks, self.rolling = [], None
        self.begin_process()

    @invariant()
    def no_reader_trusts_a_wrong_sum(self) -> None:
        assert self.world.wrong_sums() == []

    @invariant()
    def every_reader_counts_what_is_there(self) -> None:
        ever = TimeRange(0, MIDNIGHT_NS + 100 * DAY_NS)
        truth = self.world.sum(EVENTS, ever.start_ns, ever.end_ns)
        assert all(self.world.seen(ever, belief) == truth for belief in self.world.beliefs())


async def quietly(work: Any) -> None:
    try:
        await work
    except IngestorError:  # a retry is another rule
        return


TestRollups = RollupsMachine.TestCase
TestRollups.settings = settings(max_examples=settings().max_examples * 15 // 10, stateful_step_count=60, deadline=None)
