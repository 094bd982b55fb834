"""Commits: grouped, synced together, repeated after a failure; the reader never waits for them."""

from __future__ import annotations

import asyncio
import errno
import threading
from pathlib import Path
from typing import Any

from ha_ingestor_core.events import RawEvent
from structlog.testing import capture_logs
from websocket_ingestion.spool.committer import rest_after
from websocket_ingestion.spool.segments.segment_log import SegmentLog

from tests.websocket_ingestion.spool_events import FullDisk, events, numbered, put, take_all, written


async def test_one_may_wait_until_all_is_durable(open_spool: Any, tmp_path: Path) -> None:
    spool = await open_spool(sync_s=3600)
    spool.put(events(3))
    async with asyncio.timeout(10):
        await spool.wait_until_durable()
    assert spool.uncommitted == 0


async def test_the_reader_never_waits_for_a_slow_disk(open_spool: Any, tmp_path: Path, eventually: Any) -> None:
    may_end, ended = threading.Event(), threading.Event()

    class StuckDisk(SegmentLog):
        def _append(self, events: list[RawEvent]) -> None:
            may_end.wait(30)
            ended.set()
            super()._append(events)

    spool = await open_spool(StuckDisk(tmp_path / "home", segment_bytes=4096))
    for n in range(500):
        spool.put(numbered(n, 1))
        await asyncio.sleep(0)
        assert not spool.is_full
    assert not ended.is_set(), "the disk was waited for"
    may_end.set()
    assert await spool.take(1000, 1 << 20)
    await eventually(lambda: spool.depth == 500)


async def test_events_that_could_not_be_written_are_logged_at_the_end(open_spool: Any, tmp_path: Path) -> None:
    spool = await open_spool(FullDisk(tmp_path / "home", segment_bytes=4096))
    spool.put(events(3))
    with capture_logs() as lines:
        await spool.stop()
    assert {"event": "events_not_spooled", "events": 3, "log_level": "error"}.items() <= lines[-1].items()


async def test_the_disk_rests_as_long_as_it_worked_within_bounds() -> None:
    assert [rest_after(seconds) for seconds in (0, 0.02, 3)] == [0.005, 0.02, 0.25]


async def test_a_failed_commit_counts_no_end_twice(open_spool: Any, tmp_path: Path, eventually: Any) -> None:
    disk = FullDisk(tmp_path / "home", segment_bytes=4096)
    disk.is_full = False
    spool = await open_spool(disk)
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


class CountingLog(SegmentLog):
    """Counts its syncs."""

    syncs = 0

    def _append(self, events: list[RawEvent]) -> None:
        self.syncs += 1
        super()._append(events)


def counting(tmp_path: Path) -> CountingLog:
    return CountingLog(tmp_path / "home", segment_bytes=1 << 20)


async def test_a_few_events_share_a_sync(open_spool: Any, tmp_path: Path) -> None:
    folder = counting(tmp_path)
    spool = await open_spool(folder, sync_s=60.0)
    for _ in range(5):
        spool.put(events(1))
        await asyncio.sleep(0.01)
    assert (spool.depth, folder.syncs) == (0, 0)
    spool.hurry()
    await put(spool, [])
    assert (spool.depth, folder.syncs) == (5, 1)


async def test_the_first_of_a_few_events_waits_no_longer_than_the_interval(open_spool: Any) -> None:
    spool = await open_spool(sync_s=0.02)
    await put(spool, events(1))


async def test_many_events_wait_for_no_other(open_spool: Any) -> None:
    spool = await open_spool(sync_s=60.0)
    await put(spool, events(100))


async def test_great_events_do_not_wait_for_a_sync_and_stay_whole(open_spool: Any) -> None:
    spool = await open_spool(sync_s=60.0)
    spool.put(numbered(0, 1))
    await asyncio.sleep(0.02)  # it is written ahead
    great = [event for n in range(1, 13) for event in numbered(n, 1, size=600_000)]
    for event in great:
        spool.put([event])
    await put(spool, [])
    assert await take_all(spool) == [*numbered(0, 1), *great]


async def test_a_write_ahead_that_fails_is_repeated_with_the_commit(open_spool: Any, tmp_path: Path) -> None:
    class Failing(SegmentLog):
        failures = 1

        def write_ahead(self, events: list[RawEvent]) -> None:
            super().write_ahead(events)
            if self.failures:
                self.failures -= 1
                self._abandon()
                raise OSError(errno.ENOSPC, "No space left on device")

    spool = await open_spool(Failing(tmp_path / "home", segment_bytes=4096), sync_s=0.05)
    spool.put(numbered(0, 2))
    await asyncio.sleep(0.02)
    await put(spool, numbered(2, 2))
    assert await take_all(spool) == numbered(0, 4)
