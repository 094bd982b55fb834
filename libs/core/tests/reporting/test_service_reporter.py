"""A reporter that reports each count once, through outages of the store and kill -9."""

from __future__ import annotations

import asyncio
from pathlib import Path

from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.reporting.report_journal import ReportJournal
from ha_ingestor_core.service_metrics import Counter, ServiceCounters

from tests.service_reports import FakeSink, reporter


async def test_stopping_writes_the_last_partial_interval() -> None:
    sink, counters = FakeSink(), ServiceCounters()
    part = reporter(sink, counters, FakeClock())
    await part.start()
    counters.add(Counter.RECEIVED, 3)
    await part.stop()
    assert sum(p.counters["events_received"] for p in sink.points) == 3


async def test_points_of_an_outage_are_written_later_with_their_own_time() -> None:
    sink, counters, clock = FakeSink(), ServiceCounters(), FakeClock(now_ns=0)
    part = reporter(sink, counters, clock)
    sink.is_down = True
    for _ in range(3):
        counters.add(Counter.RECEIVED)
        clock.advance(10)
        await part.report()
    assert sink.points == []
    sink.is_down = False
    clock.advance(10)
    await part.report()
    assert [p.time_ns for p in sink.points] == [10_000_000_000 * n for n in (1, 2, 3, 4)]
    assert [p.counters["events_received"] for p in sink.points] == [1, 1, 1, 0]


async def test_a_running_reporter_reports_every_interval() -> None:
    sink = FakeSink()
    part = reporter(sink, ServiceCounters(), FakeClock())
    await part.start()
    for _ in range(2):
        await sink.written.acquire()
    await part.stop()
    assert sink.points[0].levels["queue_depth"] == 3


async def test_an_unexpected_error_does_not_end_the_reports() -> None:
    sink, counters = FakeSink(), ServiceCounters()
    sink.mistakes = [PermissionError("read-only file system")]
    part = reporter(sink, counters, FakeClock())
    counters.add(Counter.RECEIVED, 3)
    await part.start()
    async with asyncio.timeout(5):
        await sink.written.acquire()
    await part.stop()
    assert sum(p.counters["events_received"] for p in sink.points) == 3


async def test_reports_are_remembered_whether_the_store_took_them_or_not() -> None:
    sink, counters, clock = FakeSink(), ServiceCounters(), FakeClock()
    part = reporter(sink, counters, clock)
    begun_ns = clock.now_ns()
    for sink.is_down in (False, True):
        counters.add(Counter.RECEIVED, 2)
        clock.advance(10)
        await part.report()
    counters.add(Counter.RECEIVED, 5)
    remembered = await part.reports(begun_ns)
    assert [p.counters["events_received"] for p in remembered.points] == [2, 2]
    assert [p.counters["events_received"] for p in remembered.unreported] == [5]
    assert (remembered.service, remembered.since_ns) == ("s", begun_ns)


async def test_reports_of_an_earlier_process_that_wait_are_remembered(tmp_path: Path) -> None:
    sink, clock = FakeSink(), FakeClock()
    sink.is_down = True
    before = reporter(sink, ServiceCounters(), clock, journal=ReportJournal(tmp_path / "reports"))
    await before.report()
    reported_ns = clock.now_ns()
    clock.advance(60)
    after = reporter(sink, ServiceCounters(), clock, journal=ReportJournal(tmp_path / "reports"), interval_s=60)
    await after.start()
    remembered = await after.reports(0)
    assert (remembered.since_ns, [point.time_ns for point in remembered.points]) == (reported_ns, [reported_ns])
    await after.stop()
