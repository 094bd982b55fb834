"""The spool from the outside: put, take, acknowledge; what is durable counts; full, failing, restarted."""

from __future__ import annotations

import asyncio
import errno
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.delivery import Receipt, Rejection
from ha_ingestor_core.events import OriginKind, RawEvent
from ha_ingestor_core.service_metrics import Counter, ServiceCounters
from msgspec import Raw
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs
from websocket_ingestion.errors import SpoolUnusableError
from websocket_ingestion.metrics import IngestionMetrics
from websocket_ingestion.pause_reason import PauseReason
from websocket_ingestion.spool.committer import rest_after
from websocket_ingestion.spool.delivery_queue import Taken
from websocket_ingestion.spool.intake import Intake
from websocket_ingestion.spool.limits import SpoolLimits
from websocket_ingestion.spool.segments.segment import Chunk
from websocket_ingestion.spool.segments.segment_log import SegmentLog
from websocket_ingestion.spool.spool import Spool


def events(count: int, size: int = 2, received_ns: int = 0) -> list[RawEvent]:
    return [RawEvent(Raw(b"1" * size), received_ns) for _ in range(count)]


def numbered(first: int, count: int, size: int = 0) -> list[RawEvent]:
    return [RawEvent(Raw(b'{"n":%d,"x":"%b"}' % (n, b"x" * size)), n) for n in range(first, first + count)]


def written(taken: Taken) -> Receipt:
    return Receipt(written=len(taken.events))


async def put(spool: Spool, taken: list[RawEvent]) -> None:
    """Put events, and return when they are durable."""
    spool.put(taken)
    async with asyncio.timeout(5):
        while spool.uncommitted:  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def take_all(spool: Spool) -> list[RawEvent]:
    """Take and acknowledge until nothing is left."""
    found: list[RawEvent] = []
    async with asyncio.timeout(5):
        while spool.depth:
            taken = await spool.take(100, 1 << 20)
            found += taken.events
            spool.acknowledge(taken, written(taken))
    return found


class FullDisk(SegmentLog):
    """A folder that can't append while it is told so."""

    def __init__(self, path: Path, *, segment_bytes: int) -> None:
        super().__init__(path, segment_bytes=segment_bytes)
        self.is_full = True

    def _append(self, events: list[RawEvent]) -> None:
        if self.is_full:
            raise OSError(errno.ENOSPC, "No space left on device")
        super()._append(events)


@pytest.fixture
async def opened(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Any]:
    """Spools on the same folder, one after the other."""
    running: list[Spool] = []

    async def open_spool(log: SegmentLog | None = None, **limits: Any) -> Spool:
        for spool in running:
            await spool.stop()
        running[:] = [
            Spool(
                tmp_path / "home",
                clock=clock,
                metrics=IngestionMetrics(CollectorRegistry()),
                limits=SpoolLimits(**{"retry_s": 0.01, **limits}),
                log=log,
            )
        ]
        await running[0].start()
        return running[0]

    yield open_spool
    for spool in running:
        await spool.stop()


async def test_events_come_out_as_they_went_in(spool: Spool) -> None:
    first = [RawEvent(Raw(b'{"a":1}'), 7), RawEvent(Raw('"é"'.encode()), 8)]
    second = [RawEvent(Raw(b"3"), -5, OriginKind.SNAPSHOT)]
    spool.put(first)
    await put(spool, second)
    assert (await spool.take(10, 1000)).events == first + second


async def test_a_batch_has_at_most_so_many_events(spool: Spool) -> None:
    await put(spool, events(5))
    assert len((await spool.take(3, 1000)).events) == 3
    assert len((await spool.take(3, 1000)).events) == 2


async def test_a_batch_has_at_most_so_many_bytes_and_a_greater_event_goes_alone(spool: Spool) -> None:
    await put(spool, events(3, size=40) + events(1, size=500))
    assert [len((await spool.take(10, 100)).events) for _ in range(3)] == [2, 1, 1]


async def test_nothing_is_taken_before_it_is_durable(opened: Any, tmp_path: Path) -> None:
    disk = FullDisk(tmp_path / "home", segment_bytes=4096)
    spool = await opened(disk)
    spool.put(events(1))
    taking = asyncio.create_task(spool.take(10, 1000))
    await asyncio.sleep(0.05)
    assert (taking.done(), spool.depth, spool.uncommitted) == (False, 0, 1)
    disk.is_full = False
    assert len((await taking).events) == 1


async def test_one_may_wait_until_all_is_durable(opened: Any, tmp_path: Path) -> None:
    spool = await opened(sync_s=3600)
    spool.put(events(3))
    async with asyncio.timeout(10):
        await spool.wait_until_durable()
    assert spool.uncommitted == 0


async def test_what_was_taken_counts_until_it_is_acknowledged(spool: Spool) -> None:
    await put(spool, events(10))
    taken = await spool.take(4, 1000)
    assert (spool.depth, spool.depth_bytes) == (10, 20)
    spool.acknowledge(taken, written(taken))
    assert (spool.depth, spool.depth_bytes) == (6, 12)


async def test_bytes_on_disk_fill_it_and_the_frame_that_was_read_is_taken_still(spool: Spool) -> None:
    await put(spool, events(1, size=9_990))
    assert spool.pause_reason is PauseReason.SPOOL_FULL
    await put(spool, events(50))
    assert spool.depth == 51


async def test_memory_fills_too(opened: Any, tmp_path: Path) -> None:
    spool = await opened(memory_bytes=1000)
    spool.put(events(1, size=1000))
    assert spool.pause_reason is PauseReason.MEMORY_FULL
    await spool.wait_for_room()
    assert spool.pause_reason is None


async def test_the_reader_waits_for_room_and_the_wait_is_counted(spool: Spool, registry: CollectorRegistry) -> None:
    await put(spool, events(20, size=1000))
    waiting = asyncio.create_task(spool.wait_for_room())
    await asyncio.sleep(0.02)
    taken = await spool.take(20, 100_000)
    assert not waiting.done()
    spool.acknowledge(taken, written(taken))
    await asyncio.wait_for(waiting, 5)
    assert spool.backpressure.waits == 1
    name = "ha_ingestor_websocket_ingestion_reading_pauses_total"
    assert registry.get_sample_value(name, {"reason": "spool_full"}) == 1


async def test_overload_is_loud_once_until_everything_is_delivered(spool: Spool) -> None:
    async def fill_and_take() -> list[str]:
        for _ in range(2):
            await put(spool, events(1, size=6_000))
        with capture_logs() as lines:
            waiting = asyncio.create_task(spool.wait_for_room())
            await asyncio.sleep(0)
            taken = await spool.take(2, 7_000)
            spool.acknowledge(taken, written(taken))
            await asyncio.wait_for(waiting, 5)
        return [line["log_level"] for line in lines]

    assert await fill_and_take() == ["warning", "info"]
    await put(spool, events(1))
    taken = await spool.take(1, 0)
    spool.acknowledge(taken, written(taken))
    assert await fill_and_take() == ["debug", "debug"]
    await take_all(spool)
    assert await fill_and_take() == ["warning", "info"]


async def test_with_room_nobody_waits(spool: Spool) -> None:
    await put(spool, events(9))
    await spool.wait_for_room()
    assert spool.backpressure.waits == 0


async def test_empty_means_acknowledged(spool: Spool) -> None:
    spool.put(events(2))
    emptied = asyncio.create_task(spool.wait_until_empty())
    for batch in [await spool.take(1, 1000), await spool.take(1, 1000)]:
        assert not emptied.done()
        spool.acknowledge(batch, written(batch))
    await emptied


async def test_the_lag_is_the_age_of_the_oldest_event_that_is_not_acknowledged(spool: Spool, clock: FakeClock) -> None:
    assert spool.lag_s() == 0
    spool.put(events(1, received_ns=clock.now_ns()))
    clock.advance(3)
    assert spool.lag_s() == 3
    await put(spool, events(1, received_ns=clock.now_ns()))
    taken = await spool.take(1, 1000)
    clock.advance(2)
    assert spool.lag_s() == 5
    spool.acknowledge(taken, written(taken))
    assert spool.lag_s() == 2
    clock.advance(-10)
    assert spool.lag_s() == 0  # the wall clock was set back


async def test_the_depth_is_a_metric(spool: Spool, registry: CollectorRegistry) -> None:
    await put(spool, events(3, size=5))
    assert registry.get_sample_value("ha_ingestor_websocket_ingestion_spool_events") == 3
    assert registry.get_sample_value("ha_ingestor_websocket_ingestion_spool_bytes") == 15


async def test_a_restart_goes_on_where_the_store_had_acknowledged(opened: Any) -> None:
    spool = await opened()
    await put(spool, numbered(0, 10))
    taken = await spool.take(4, 1000)
    spool.acknowledge(taken, written(taken))
    await spool.take(3, 1000)  # on its way when the end comes
    spool.put(numbered(10, 5))  # and these had just been read
    again = await opened()
    assert (again.depth, again.depth_at_start) == (11, 11)
    assert await take_all(again) == numbered(4, 11)
    assert (await opened()).depth == 0


async def test_batches_may_be_acknowledged_in_any_order(opened: Any) -> None:
    spool = await opened()
    await put(spool, numbered(0, 9))
    first, second, third = [await spool.take(3, 1000) for _ in range(3)]
    spool.acknowledge(second, written(second))
    spool.acknowledge(first, written(first))
    assert spool.depth == 3
    again = await opened()
    assert await take_all(again) == third.events


async def test_what_was_spooled_by_an_earlier_process_is_not_received_again(
    opened: Any, counters: ServiceCounters, clock: FakeClock, metrics: IngestionMetrics
) -> None:
    await put(await opened(), events(3))
    spool = await opened()
    intake = Intake(spool=spool, counters=counters, clock=clock, metrics=metrics)
    intake.take([Raw(b"1")], OriginKind.LIVE)
    await put(spool, [])
    assert (counters.totals[Counter.RECEIVED], spool.depth - spool.depth_at_start) == (1, 1)


async def test_memory_stays_bounded_while_nothing_is_delivered(opened: Any) -> None:
    spool = await opened(memory_bytes=20_000, disk_bytes=1 << 20)
    sent = numbered(0, 300, size=1000)
    for at in range(0, 300, 10):
        await put(spool, sent[at : at + 10])
    held = sum(len(event.event) for _, event in spool._outgoing._ready)
    assert held <= 20_000 + spool.limits.segment_bytes
    assert spool.depth == 300
    assert await take_all(spool) == sent


async def test_what_is_written_while_a_read_finds_nothing_more_comes_out_once(opened: Any, tmp_path: Path) -> None:
    class SlowDisk(SegmentLog):
        def _append(self, events: list[RawEvent]) -> None:
            time.sleep(0.05)
            super()._append(events)

        def read_after(self, position: int, up_to: int) -> Chunk:
            time.sleep(0.05)
            return super().read_after(position, up_to)

    spool = await opened(SlowDisk(tmp_path / "home", segment_bytes=4096))
    await put(spool, numbered(0, 3))
    spool.put(numbered(3, 3))
    await asyncio.sleep(0.03)
    spool._loader._wanted.set()  # as somebody who looked for more did while the read before was still under way
    await asyncio.sleep(0.3)
    assert await take_all(spool) == numbered(0, 6)
    assert (spool.depth, spool.has_more) == (0, False)


async def test_files_are_deleted_when_their_events_are_acknowledged(opened: Any, tmp_path: Path) -> None:
    spool = await opened(disk_bytes=64 * 1000)
    for at in range(0, 50, 5):
        await put(spool, numbered(at, 5, size=200))
    assert len(list(tmp_path.glob("home/*.events"))) > 5
    await take_all(spool)
    await spool.stop()
    assert len(list(tmp_path.glob("home/*.events"))) <= 1


async def test_a_full_disk_pauses_loudly_once_and_goes_on_by_itself(
    opened: Any, tmp_path: Path, eventually: Any
) -> None:
    disk = FullDisk(tmp_path / "home", segment_bytes=4096)
    spool = await opened(disk)
    with capture_logs() as lines:
        spool.put(numbered(0, 3))
        await eventually(lambda: spool.pause_reason is PauseReason.NOT_WRITABLE)
        waiting = asyncio.create_task(spool.wait_for_room())
        await asyncio.sleep(0.05)
        assert not waiting.done()
        disk.is_full = False
        await asyncio.wait_for(waiting, 5)
    assert [line["event"] for line in lines if line["log_level"] == "error"] == ["spool_not_writable"]
    assert await take_all(spool) == numbered(0, 3)
    assert spool.status()["write_error"] is None


async def test_the_reader_never_waits_for_a_slow_disk(opened: Any, tmp_path: Path, eventually: Any) -> None:
    may_end, ended = threading.Event(), threading.Event()

    class StuckDisk(SegmentLog):
        def _append(self, events: list[RawEvent]) -> None:
            may_end.wait(30)
            ended.set()
            super()._append(events)

    spool = await opened(StuckDisk(tmp_path / "home", segment_bytes=4096))
    for n in range(500):
        spool.put(numbered(n, 1))
        await asyncio.sleep(0)
        assert not spool.is_full
    assert not ended.is_set(), "the disk was waited for"
    may_end.set()
    assert await spool.take(1000, 1 << 20)
    await eventually(lambda: spool.depth == 500)


async def test_what_no_disk_would_take_is_told_at_the_end(opened: Any, tmp_path: Path) -> None:
    spool = await opened(FullDisk(tmp_path / "home", segment_bytes=4096))
    spool.put(events(3))
    with capture_logs() as lines:
        await spool.stop()
    assert {"event": "events_not_spooled", "events": 3, "log_level": "error"}.items() <= lines[-1].items()


async def test_damage_that_is_met_while_reading_is_counted_and_stops_nothing(
    opened: Any, tmp_path: Path, counters: ServiceCounters, clock: FakeClock
) -> None:
    spool = await opened(disk_bytes=64_000, memory_bytes=1000)
    sent = numbered(0, 40, size=100)
    for at in range(0, 40, 4):
        await put(spool, sent[at : at + 4])
    await spool.stop()
    victim = sorted(tmp_path.glob("home/*.events"))[2]
    data = bytearray(victim.read_bytes())
    data[100] ^= 1
    victim.write_bytes(data)
    spool = await opened(disk_bytes=64_000, memory_bytes=1000)
    Intake(spool=spool, counters=counters, clock=clock, metrics=IngestionMetrics(CollectorRegistry()))
    assert spool.depth == 40
    found = await take_all(spool)
    assert [event for event in sent if event not in found] == [sent[int(victim.stem) - 1]]
    assert len(found) == 39
    await spool.wait_until_empty()
    assert (spool.events_lost, counters.totals[Counter.FAILED], spool.depth) == (1, 1, 0)
    assert (spool.totals.failed, spool.totals.queued) == (1, 0)
    assert spool.status()["damaged_files"] == 1
    assert list(tmp_path.glob("home/*.damaged"))


async def test_a_second_process_on_the_same_spool_is_refused(opened: Any, tmp_path: Path, clock: FakeClock) -> None:
    await opened()
    second = Spool(tmp_path / "home", clock=clock, metrics=IngestionMetrics(CollectorRegistry()))
    with pytest.raises(SpoolUnusableError, match="another process"):
        await second.start()
    await second.stop()


async def test_the_disk_rests_as_long_as_it_worked_within_bounds() -> None:
    assert [rest_after(seconds) for seconds in (0, 0.02, 3)] == [0.005, 0.02, 0.25]


async def test_totals_go_on_over_restarts_and_tell_how_each_event_ended(opened: Any) -> None:
    spool = await opened()
    await put(spool, numbered(0, 10))
    first, second = [await spool.take(4, 1000) for _ in range(2)]
    spool.acknowledge(second, Receipt(written=1, duplicate=1, filtered=1, rejected=[Rejection(3, "malformed", "no")]))
    await put(spool, numbered(10, 1))
    assert spool.totals.ended == 0, "the first batch is not acknowledged, so all would be delivered again"
    spool.acknowledge(first, Receipt(written=4))
    again = await opened()
    totals = again.totals
    assert (totals.received, totals.written, totals.duplicate, totals.filtered, totals.rejected) == (11, 5, 1, 1, 1)
    assert (totals.queued, again.depth) == (3, 3)


async def test_a_failed_commit_counts_no_end_twice(opened: Any, tmp_path: Path, eventually: Any) -> None:
    disk = FullDisk(tmp_path / "home", segment_bytes=4096)
    disk.is_full = False
    spool = await opened(disk)
    await put(spool, numbered(0, 6))
    batches = [await spool.take(2, 1000) for _ in range(3)]
    disk.is_full = True
    spool.put(numbered(6, 1))
    spool.acknowledge(batches[0], written(batches[0]))
    await eventually(lambda: spool.backpressure.write_error is not None)
    for batch in batches[1:]:
        spool.acknowledge(batch, written(batch))
    await asyncio.sleep(0.05)
    disk.is_full = False
    await eventually(lambda: spool.totals.received == 7)
    assert (spool.totals.written, spool.totals.failed, spool.totals.queued) == (6, 0, 1)


class CountingFolder(SegmentLog):
    """Counts its syncs."""

    syncs = 0

    def _append(self, events: list[RawEvent]) -> None:
        self.syncs += 1
        super()._append(events)


def counting(tmp_path: Path) -> CountingFolder:
    return CountingFolder(tmp_path / "home", segment_bytes=1 << 20)


async def test_a_few_events_share_a_sync(opened: Any, tmp_path: Path) -> None:
    folder = counting(tmp_path)
    spool = await opened(folder, sync_s=60.0)
    for _ in range(5):
        spool.put(events(1))
        await asyncio.sleep(0.01)
    assert (spool.depth, folder.syncs) == (0, 0)
    spool.hurry()
    await put(spool, [])
    assert (spool.depth, folder.syncs) == (5, 1)


async def test_the_first_of_a_few_events_waits_no_longer_than_the_interval(opened: Any) -> None:
    spool = await opened(sync_s=0.02)
    await put(spool, events(1))


async def test_many_events_wait_for_no_other(opened: Any) -> None:
    spool = await opened(sync_s=60.0)
    await put(spool, events(100))


@pytest.mark.parametrize("kind", [OriginKind.SNAPSHOT, OriginKind.BACKFILL])
async def test_what_somebody_waits_for_is_synced_and_taken_at_once(opened: Any, kind: OriginKind) -> None:
    spool = await opened(sync_s=60.0)
    await put(spool, [RawEvent(Raw(b"1"), 0, kind)])
    async with asyncio.timeout(5):
        await spool.gather(100, 60.0)


async def test_gathering_ends_when_enough_is_there(opened: Any) -> None:
    spool = await opened()
    gathering = asyncio.create_task(spool.gather(3, 60.0))
    await put(spool, events(2))
    await asyncio.sleep(0.02)
    assert not gathering.done()
    await put(spool, events(1))
    await asyncio.wait_for(gathering, 5)
    assert len((await spool.take(10, 1000)).events) == 3


async def test_gathering_ends_when_the_first_has_waited_long_enough(opened: Any) -> None:
    spool = await opened()
    await put(spool, events(1))
    await asyncio.wait_for(spool.gather(100, 0.02), 5)


async def test_deliver_now_returns_when_all_that_was_there_is_acknowledged(opened: Any) -> None:
    spool = await opened(sync_s=60.0)
    spool.put(events(2))
    delivering = asyncio.create_task(spool.deliver_now(5.0))
    await asyncio.wait_for(spool.gather(100, 60.0), 5)
    taken = await spool.take(100, 1000)
    assert not delivering.done()
    spool.acknowledge(taken, written(taken))
    await asyncio.wait_for(delivering, 5)


async def test_deliver_now_does_not_wait_for_ever(opened: Any) -> None:
    spool = await opened()
    spool.put(events(1))
    await asyncio.wait_for(spool.deliver_now(0.02), 5)
    assert spool.depth + spool.uncommitted == 1


async def test_time_in_which_more_is_gathered_is_no_delay(opened: Any, clock: FakeClock) -> None:
    spool = await opened()
    await put(spool, events(1, received_ns=clock.now_ns()))
    gathering = asyncio.create_task(spool.gather(2, 60.0))
    await asyncio.sleep(0)
    clock.advance(20.0)
    assert spool.lag_s() == 0
    await put(spool, events(1, received_ns=clock.now_ns()))
    await gathering
    taken = await spool.take(10, 1000)
    clock.advance(3.0)
    assert spool.lag_s() == 3
    assert [clock.now_ns() - taken.due_ns(event) for event in taken.events] == [3_000_000_000] * 2


async def test_a_disk_that_takes_nothing_is_a_delay_while_a_batch_is_awaited(opened: Any, clock: FakeClock) -> None:
    spool = await opened(sync_s=1.0)
    gathering = asyncio.create_task(spool.gather(2, 60.0))
    await asyncio.sleep(0)
    spool.put(events(1, received_ns=clock.now_ns()))
    clock.advance(1.0)
    assert spool.lag_s() == 0
    clock.advance(600.0)
    assert spool.lag_s() == 600
    gathering.cancel()


async def test_what_is_under_way_is_late_while_the_next_batch_is_gathered(opened: Any, clock: FakeClock) -> None:
    spool = await opened()
    await put(spool, events(1, received_ns=clock.now_ns()))
    await spool.take(1, 1000)
    await put(spool, events(1, received_ns=clock.now_ns()))
    gathering = asyncio.create_task(spool.gather(2, 60.0))
    await asyncio.sleep(0)
    clock.advance(5.0)
    assert spool.lag_s() == 5
    gathering.cancel()


async def test_deliver_now_waits_for_no_backlog(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("websocket_ingestion.spool.spool._BACKLOG_EVENTS", 3)
    spool = await opened()
    await put(spool, events(4))
    await asyncio.wait_for(spool.deliver_now(60.0), 5)
    assert spool.depth == 4


async def test_great_events_do_not_wait_for_a_sync_and_stay_whole(opened: Any) -> None:
    spool = await opened(sync_s=60.0)
    spool.put(numbered(0, 1))
    await asyncio.sleep(0.02)  # it is written ahead
    great = [event for n in range(1, 13) for event in numbered(n, 1, size=600_000)]
    for event in great:
        spool.put([event])
    await put(spool, [])
    assert await take_all(spool) == [*numbered(0, 1), *great]


async def test_a_write_ahead_that_fails_is_repeated_with_the_commit(opened: Any, tmp_path: Path) -> None:
    class Failing(SegmentLog):
        failures = 1

        def write_ahead(self, events: list[RawEvent]) -> None:
            super().write_ahead(events)
            if self.failures:
                self.failures -= 1
                self._abandon()
                raise OSError(errno.ENOSPC, "No space left on device")

    spool = await opened(Failing(tmp_path / "home", segment_bytes=4096), sync_s=0.05)
    spool.put(numbered(0, 2))
    await asyncio.sleep(0.02)
    await put(spool, numbered(2, 2))
    assert await take_all(spool) == numbered(0, 4)
