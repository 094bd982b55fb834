"""Reports that survive the process: the journal of the reporter."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.reporting import service_reporter as module
from ha_ingestor_core.reporting.report_journal import ReportJournal
from ha_ingestor_core.reporting.totals import Totals
from ha_ingestor_core.service_metrics import Level, ServiceCounters
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.service_reports import FakeSink, reporter


class Life:
    """A service that is killed: its totals are on the disk, its counters and its reporter die with it."""

    def __init__(self, folder: Path) -> None:
        self.sink = FakeSink()
        self.clock = FakeClock(now_ns=0)
        self.totals = Totals()
        self._journal = folder / "reports"

    async def begin(self) -> None:
        self._counters = ServiceCounters()
        self.reporter = reporter(
            self.sink,
            self._counters,
            self.clock,
            levels=lambda: {Level.QUEUE_DEPTH: float(self.totals.queued)},
            interval_s=1e9,
            totals=lambda: self.totals,
            journal=ReportJournal(self._journal),
        )
        await self.reporter.start()

    async def kill(self) -> None:
        task = self.reporter._task
        assert task is not None
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        self.reporter._disk.shutdown()

    async def end(self) -> None:
        self.clock.advance(1)
        await self.reporter.stop()

    def count(self, **ends: int) -> None:
        self.clock.advance(1)
        more = Totals(**ends, time_ns=self.clock.now_ns())
        self.totals += more
        for counter, amount in more.counters().items():
            self._counters.add(counter, amount)

    def reported(self, name: str = "events_received") -> int:
        """The sum in a store, where a point that is written again takes the place of the one before."""
        return sum({p.time_ns: p.counters[name] for p in self.sink.points}.values())


async def test_what_was_counted_and_not_reported_is_reported_by_the_next_process(tmp_path: Path) -> None:
    life = Life(tmp_path)
    await life.begin()
    life.count(received=5, written=2)
    await life.reporter.report()
    life.count(received=7, written=1)
    counted_ns = life.clock.now_ns()
    await life.kill()

    life.clock.advance(3600)
    await life.begin()
    await life.end()
    recovered = life.sink.points[-2]
    assert (recovered.time_ns, recovered.counters["events_received"]) == (counted_ns, 7)
    assert recovered.levels["queue_depth"] == 9
    assert (life.reported(), life.reported("events_processed")) == (12, 3)


async def test_reports_of_an_outage_outlive_the_process(tmp_path: Path) -> None:
    life = Life(tmp_path)
    life.sink.is_down = True
    await life.begin()
    for _ in range(3):
        life.count(received=1)
        await life.reporter.report()
    await life.kill()
    await life.begin()
    life.sink.is_down = False
    await life.end()
    assert [p.time_ns for p in life.sink.points][:3] == [10**9, 2 * 10**9, 3 * 10**9]
    assert life.reported() == 3


async def test_a_line_that_was_cut_off_is_passed_over(tmp_path: Path) -> None:
    life = Life(tmp_path)
    await life.begin()
    life.count(received=5)
    await life.kill()
    with (tmp_path / "reports").open("ab") as file:
        file.write(b'\n{"totals": {"rec')
    await life.begin()
    life.count(received=1)
    await life.end()
    assert life.reported() == 6
    await life.begin()
    await life.end()
    assert life.reported() == 6


async def test_totals_that_restarted_are_reported_from_there(tmp_path: Path) -> None:
    life = Life(tmp_path)
    await life.begin()
    life.count(received=5)
    await life.end()
    life.totals = Totals(received=2, time_ns=life.clock.now_ns() + 1)
    await life.begin()
    life.count(received=1)
    await life.kill()
    await life.begin()
    await life.end()
    assert life.reported() == 6


async def test_a_disk_that_takes_nothing_does_not_stop_the_reports(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    life = Life(tmp_path)
    await life.begin()
    life.count(received=5)
    await life.end()
    assert life.reported() == 5


async def test_an_endless_outage_costs_times_but_no_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PENDING_LIMIT", 10)
    life = Life(tmp_path)
    life.sink.is_down = True
    await life.begin()
    for _ in range(57):
        life.count(received=1, written=1)
        await life.reporter.report()
    await life.kill()
    await life.begin()
    life.sink.is_down = False
    await life.end()
    assert len(life.sink.points) <= 12
    assert (life.reported(), life.reported("events_processed")) == (57, 57)


async def test_counts_of_a_clock_that_was_set_back_are_reported_for_the_time_that_is_right(tmp_path: Path) -> None:
    life = Life(tmp_path)
    life.clock.advance(3600)
    await life.begin()
    life.count(received=5)
    await life.reporter.report()
    life.clock.turn_to(10**9)
    for _ in range(3):
        life.count(received=7)
        counted_ns = life.clock.now_ns()
        await life.kill()
        life.clock.advance(1)
        await life.begin()
        await life.reporter.report()
        assert counted_ns in [point.time_ns for point in life.sink.points]
    assert life.reported() == 26


STEPS = st.lists(st.sampled_from(["count", "report", "down", "up", "kill", "stop", "back"]), max_size=40)


@settings(deadline=None, max_examples=settings().max_examples * 6 // 10)
@given(STEPS)
def test_each_count_is_reported_once_whatever_happens(tmp_path_factory: Any, steps: list[str]) -> None:
    async def run() -> None:
        life = Life(tmp_path_factory.mktemp("life"))
        life.clock.turn_to(10**12)
        await life.begin()
        for step in steps:
            life.clock.advance(1)
            match step:
                case "count":
                    life.count(received=3, written=1, duplicate=1)
                case "report":
                    await life.reporter.report()
                case "down" | "up":
                    life.sink.is_down = step == "down"
                case "back":  # a clock of whole seconds would show some of them again
                    life.clock.turn_to(life.clock.now_ns() - 5 * 10**9 + 7919)
                case "kill":
                    await life.kill()
                    await life.begin()
                case "stop":
                    await life.end()
                    await life.begin()
        life.sink.is_down = False
        life.clock.advance(1)
        await life.end()
        for name, total in life.totals.counters().items():
            assert life.reported(name) == total
        assert not life.sink.points or life.sink.points[-1].levels["queue_depth"] == life.totals.queued

    asyncio.run(run())
