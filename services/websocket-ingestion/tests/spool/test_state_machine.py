"""The spool under any order of writing, reading, crashing and damage: nothing durable is lost without a count."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.delivery import Receipt, Rejection
from ha_ingestor_core.events import OriginKind, RawEvent
from ha_ingestor_core.reporting.totals import Totals, ended_by
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec import Raw
from msgspec.structs import replace
from prometheus_client import CollectorRegistry
from websocket_ingestion.metrics import IngestionMetrics
from websocket_ingestion.spool.delivery_queue import Taken
from websocket_ingestion.spool.limits import SpoolLimits
from websocket_ingestion.spool.segments.records import encode
from websocket_ingestion.spool.spool import Spool

T = TypeVar("T")

LIMITS = SpoolLimits(disk_bytes=64 * 600, memory_bytes=800, retry_s=0.001)
SYNCED_LATER = replace(LIMITS, sync_s=0.005)
"""Files of some 600 bytes and little memory: so a few events already fill several files, and are read back."""


class Ledger:
    """Counts as the service does, and remembers what was said to be durable."""

    def __init__(self) -> None:
        self.received = 0
        self.counted = Totals()

    def count_received(self, kind: OriginKind, events: int) -> None:
        self.received += events

    def count(self, change: Totals) -> None:
        self.counted += change


class SpoolMachine(RuleBasedStateMachine):
    """The model: `waiting` is durable and not acknowledged, `hasty` was put and may or may not be durable yet."""

    limits = LIMITS

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="spool-"))
        self.lives = 0
        self.folder = self.root / "0"
        self.runner = asyncio.Runner()
        self.runner.get_loop()
        self.number = 0
        self.waiting: list[RawEvent] = []
        self.hasty: list[RawEvent] = []
        self.in_flight: list[Taken] = []
        self.told = Totals()  # how all that was ever acknowledged ended
        self.forgiven: list[RawEvent] = []  # acknowledged, but a damaged cursor may bring them again
        self.begin()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(asyncio.wait_for(coroutine, 10))

    def begin(self) -> None:
        async def start() -> None:
            metrics = IngestionMetrics(CollectorRegistry())
            self.spool = Spool(self.folder, clock=FakeClock(), metrics=metrics, limits=self.limits)
            self.spool.ledger = self.ledger = Ledger()
            await self.spool.start()
            self.at_start = self.spool.totals

        self.run(start())
        self.in_flight = []

    def crash(self, harm: Callable[[Path], bool] = lambda _: False) -> bool:
        """Go on with a copy of the files as they are now; the process that wrote them never gets to close anything."""
        self.lives += 1
        copy = self.root / str(self.lives)
        self.run(self.spool._disk.run(shutil.copytree, self.folder, copy))  # the spool's own thread: at one moment
        harmed = harm(copy)
        self.run(self.spool.stop())
        self.folder = copy
        self.begin()
        if harmed:  # a damaged cursor may have forgotten some, or all
            self.told = self.spool.totals
        return harmed

    def end(self, taken: Taken) -> None:
        """Acknowledge a batch whose events end in every way."""
        count = len(taken.events)
        duplicate, filtered, rejected = count // 2, count // 3 % 2, count // 4 % 2
        receipt = Receipt(
            written=count - duplicate - filtered - rejected,
            duplicate=duplicate,
            filtered=filtered,
            rejected=[Rejection(0, "malformed", "no")] * rejected,
        )
        self.spool.acknowledge(taken, receipt)
        self.told += ended_by(receipt)

    async def noted(self) -> None:
        """Return once the files know what is acknowledged, which takes a moment."""
        while self.spool.progress.saved_id != self.spool.progress.acknowledged_id:  # noqa: ASYNC110
            await asyncio.sleep(0.001)

    def drain(self) -> list[RawEvent]:
        """Everything that the spool has, acknowledged."""

        async def take_all() -> list[RawEvent]:
            found = []
            while self.spool.depth or self.spool.uncommitted:
                try:
                    taken = await asyncio.wait_for(self.spool.take(3, 300), 0.5)
                except TimeoutError:
                    assert not self.spool.depth, f"{self.spool.depth} events are promised and never come"
                    continue
                found += taken.events
                self.end(taken)
            await self.noted()
            await asyncio.wait_for(self.spool.wait_until_empty(), 5)
            return found

        return self.run(take_all())

    @initialize(count=st.integers(0, 5))
    def something_is_there(self, count: int) -> None:
        self.put([20] * count, OriginKind.LIVE)
        self.commit()

    @rule(sizes=st.lists(st.sampled_from([0, 1, 30, 200, 1500]), max_size=6), kind=st.sampled_from(OriginKind))
    def put(self, sizes: list[int], kind: OriginKind) -> None:
        events = []
        for size in sizes:
            self.number += 1
            events.append(RawEvent(Raw(b'{"n":%d,"x":"%b"}' % (self.number, b"x" * size)), self.number, kind))
        self.spool.put(events)
        self.hasty += events

    @rule()
    def commit(self) -> None:
        async def settle() -> None:
            while self.spool.uncommitted:  # noqa: ASYNC110
                await asyncio.sleep(0.001)

        self.run(settle())
        self.waiting += self.hasty
        self.hasty = []

    @precondition(lambda self: len(self.waiting) > sum(len(t.events) for t in self.in_flight))
    @rule(max_events=st.integers(1, 5), max_bytes=st.sampled_from([1, 100, 5000]))
    def take(self, max_events: int, max_bytes: int) -> None:
        self.commit()
        taken = self.run(self.spool.take(max_events, max_bytes))
        at = sum(len(earlier.events) for earlier in self.in_flight)
        assert taken.events == self.waiting[at : at + len(taken.events)]
        self.in_flight.append(taken)

    @precondition(lambda self: self.in_flight)
    @rule()
    def acknowledge(self) -> None:
        taken = self.in_flight.pop(0)
        self.end(taken)
        del self.waiting[: len(taken.events)]
        self.forgiven += taken.events
        self.run(self.noted())

    @rule()
    def stop_and_start(self) -> None:
        self.run(self.spool.stop())
        self.waiting += self.hasty
        self.hasty = []
        self.begin()
        assert self.spool.depth == self.spool.totals.queued == len(self.waiting)
        self.assert_told()

    @rule()
    def crash_and_resume(self) -> None:
        self.crash()
        self.expect_all_that_was_durable()

    @rule(cut=st.integers(1, 60))
    def crash_in_the_middle_of_a_write(self, cut: int) -> None:
        """The next record got to the disk by half: it was never reported, and is no damage."""
        self.commit()

        def half_a_record(folder: Path) -> bool:
            newest = max(folder.glob("*.events"), default=None)
            if newest is None:
                return False
            with newest.open("ab") as file:
                file.write(encode([RawEvent(Raw(b'"%b"' % (b"y" * 40)), 1)], 10**6)[:cut])
            return True

        self.crash(half_a_record)
        self.expect_all_that_was_durable()
        assert self.spool.status()["damaged_files"] == 0

    @rule(
        where=st.floats(0, 1, exclude_max=True), which=st.integers(0, 100), how=st.sampled_from(["flip", "cut", "zero"])
    )
    def damage(self, where: float, which: int, how: str) -> None:
        """Harm one file of a crashed spool: what it held may be lost, but each event of it is counted."""
        self.commit()

        def harm(folder: Path) -> bool:
            files = sorted([*folder.glob("*.events"), folder / "cursor"])
            path = files[which % len(files)]
            data = bytearray(path.read_bytes()) if path.exists() else bytearray()
            if not data:
                return False
            at = int(where * len(data))
            if how == "flip":
                data[at] ^= 0x10
            elif how == "cut":
                del data[at:]
            else:
                data[at : at + 50] = bytes(len(data[at : at + 50]))
            path.write_bytes(data)
            return path.name == "cursor"

        is_cursor = self.crash(harm)
        found = self.drain()
        if is_cursor:
            found = [event for event in found if event not in self.forgiven]
        missing = [event for event in self.waiting if event not in found]
        assert [event for event in self.waiting if event in found] == found
        assert len(missing) <= self.spool.events_lost, f"{len(missing)} lost, {self.spool.events_lost} counted"
        assert not missing or self.spool.status()["damaged_files"]
        assert (self.spool.totals.queued, self.spool.depth) == (0, 0)
        assert self.spool.totals.failed - self.at_start.failed >= len(missing)
        self.assert_told()
        self.forgiven += self.waiting
        self.waiting = []

    @rule(what=st.sampled_from(["folder", "foreign", "empty"]))
    def foreign_file(self, what: str) -> None:
        """Somebody leaves something that bears the name of a file of ours."""
        self.commit()

        def leave(folder: Path) -> bool:
            path = folder / f"{10**9:020d}.events"
            if what == "folder":
                path.mkdir()
            else:
                path.write_bytes(b"#!/bin/sh\necho hello\n" if what == "foreign" else b"")
            return True

        before = list(self.waiting)
        self.crash(leave)
        assert self.spool.events_lost == 0
        assert self.spool.status()["damaged_files"] == (what != "empty")
        assert self.drain() == before
        self.forgiven += self.waiting
        self.waiting = []

    @invariant()
    def the_numbers_add_up(self) -> None:
        taken = self.spool.depth_at_start + self.ledger.received - self.spool.events_lost
        acknowledged = taken - self.spool.depth
        assert acknowledged >= 0
        totals = self.spool.totals
        assert totals.queued >= self.spool.depth
        assert self.ledger.counted.counters() == totals.since(self.at_start).counters()
        assert self.spool.depth_bytes >= 0
        assert (self.spool.depth == 0) <= (self.spool.depth_bytes == 0)

    def assert_told(self) -> None:
        """The totals on disk are the outcomes of all acknowledged events, over every life of the spool."""
        names = ("written", "duplicate", "filtered", "rejected")
        totals = self.spool.totals
        assert [getattr(totals, name) for name in names] == [getattr(self.told, name) for name in names]

    def expect_all_that_was_durable(self) -> None:
        """In order, once; and perhaps some of what had been put and was written before the crash."""
        at_least = len(self.waiting)
        assert at_least <= self.spool.depth <= at_least + len(self.hasty)
        self.waiting += self.hasty[: self.spool.depth - at_least]
        self.hasty = []
        assert self.spool.events_lost == 0
        self.assert_told()
        assert self.spool.totals.queued == self.spool.depth

    def teardown(self) -> None:
        try:
            self.commit()
            self.crash()
            assert self.drain() == self.waiting
        finally:
            self.run(self.spool.stop())
            self.runner.close()
            shutil.rmtree(self.root)


class SyncedLaterMachine(SpoolMachine):
    """Events are written ahead of their sync."""

    limits = SYNCED_LATER


for machine in (SpoolMachine, SyncedLaterMachine):
    machine.TestCase.settings = settings(
        max_examples=settings().max_examples * 4 // 10,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
TestSpool = SpoolMachine.TestCase
TestSpoolSyncedLater = SyncedLaterMachine.TestCase
