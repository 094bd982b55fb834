"""Durable events are read back as far as memory allows, each once, past damage."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.events import RawEvent
from ha_ingestor_core.service_metrics import Counter, ServiceCounters
from prometheus_client import CollectorRegistry
from websocket_ingestion.metrics import IngestionMetrics
from websocket_ingestion.spool.intake import Intake
from websocket_ingestion.spool.segments.segment import Chunk
from websocket_ingestion.spool.segments.segment_log import SegmentLog

from tests.websocket_ingestion.spool_events import numbered, put, take_all


async def test_memory_stays_bounded_while_nothing_is_delivered(open_spool: Any) -> None:
    spool = await open_spool(memory_bytes=20_000, disk_bytes=1 << 20)
    sent = numbered(0, 300, size=1000)
    for at in range(0, 300, 10):
        await put(spool, sent[at : at + 10])
    held = sum(len(event.event) for _, event in spool._outgoing._ready)
    assert held <= 20_000 + spool.limits.segment_bytes
    assert spool.depth == 300
    assert await take_all(spool) == sent


async def test_what_is_written_while_a_read_finds_nothing_more_comes_out_once(open_spool: Any, tmp_path: Path) -> None:
    class SlowDisk(SegmentLog):
        def _append(self, events: list[RawEvent]) -> None:
            time.sleep(0.05)
            super()._append(events)

        def read_after(self, position: int, up_to: int) -> Chunk:
            time.sleep(0.05)
            return super().read_after(position, up_to)

    spool = await open_spool(SlowDisk(tmp_path / "home", segment_bytes=4096))
    await put(spool, numbered(0, 3))
    spool.put(numbered(3, 3))
    await asyncio.sleep(0.03)
    spool._loader._wanted.set()  # as somebody who looked for more did while the read before was still under way
    await asyncio.sleep(0.3)
    assert await take_all(spool) == numbered(0, 6)
    assert (spool.depth, spool.has_more) == (0, False)


async def test_damage_that_is_met_while_reading_is_counted_and_stops_nothing(
    open_spool: Any, tmp_path: Path, counters: ServiceCounters, clock: FakeClock
) -> None:
    spool = await open_spool(disk_bytes=64_000, memory_bytes=1000)
    sent = numbered(0, 40, size=100)
    for at in range(0, 40, 4):
        await put(spool, sent[at : at + 4])
    await spool.stop()
    victim = sorted(tmp_path.glob("home/*.events"))[2]
    data = bytearray(victim.read_bytes())
    data[100] ^= 1
    victim.write_bytes(data)
    spool = await open_spool(disk_bytes=64_000, memory_bytes=1000)
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
