"""Reading pauses while the spool is full or cannot be written, and this is logged once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs
from websocket_ingestion.pause_reason import PauseReason
from websocket_ingestion.spool.spool import Spool

from tests.websocket_ingestion.spool_events import FullDisk, events, numbered, put, take_all, written


async def test_bytes_on_disk_fill_it_and_the_frame_that_was_read_is_taken_still(spool: Spool) -> None:
    await put(spool, events(1, size=9_990))
    assert spool.pause_reason is PauseReason.SPOOL_FULL
    await put(spool, events(50))
    assert spool.depth == 51


async def test_memory_fills_too(open_spool: Any, tmp_path: Path) -> None:
    spool = await open_spool(memory_bytes=1000)
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


async def test_overload_is_a_warning_once_until_everything_is_delivered(spool: Spool) -> None:
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


async def test_with_room_there_is_no_wait(spool: Spool) -> None:
    await put(spool, events(9))
    await spool.wait_for_room()
    assert spool.backpressure.waits == 0


async def test_a_full_disk_is_one_error_and_reading_resumes_by_itself(
    open_spool: Any, tmp_path: Path, eventually: Any
) -> None:
    disk = FullDisk(tmp_path / "home", segment_bytes=4096)
    spool = await open_spool(disk)
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
