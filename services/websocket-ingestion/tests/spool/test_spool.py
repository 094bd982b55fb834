"""The spool from the outside: put, take, acknowledge; what is durable counts; restarted."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.delivery import Receipt, Rejection
from ha_ingestor_core.events import OriginKind, RawEvent
from ha_ingestor_core.service_metrics import Counter, ServiceCounters
from msgspec import Raw
from prometheus_client import CollectorRegistry
from websocket_ingestion.errors import SpoolUnusableError
from websocket_ingestion.metrics import IngestionMetrics
from websocket_ingestion.spool.intake import Intake
from websocket_ingestion.spool.spool import Spool

from tests.websocket_ingestion.spool_events import FullDisk, events, numbered, put, take_all, written


async def test_events_come_out_as_they_went_in(spool: Spool) -> None:
    first = [RawEvent(Raw(b'{"a":1}'), 7), RawEvent(Raw('"é"'.encode()), 8)]
    second = [RawEvent(Raw(b"3"), -5, OriginKind.SNAPSHOT)]
    spool.put(first)
    await put(spool, second)
    assert (await spool.take(10, 1000)).events == first + second


async def test_nothing_is_taken_before_it_is_durable(open_spool: Any, tmp_path: Path) -> None:
    disk = FullDisk(tmp_path / "home", segment_bytes=4096)
    spool = await open_spool(disk)
    spool.put(events(1))
    taking = asyncio.create_task(spool.take(10, 1000))
    await asyncio.sleep(0.05)
    assert (taking.done(), spool.depth, spool.uncommitted) == (False, 0, 1)
    disk.is_full = False
    assert len((await taking).events) == 1


async def test_empty_means_acknowledged(spool: Spool) -> None:
    spool.put(events(2))
    emptied = asyncio.create_task(spool.wait_until_empty())
    for batch in [await spool.take(1, 1000), await spool.take(1, 1000)]:
        assert not emptied.done()
        spool.acknowledge(batch, written(batch))
    await emptied


async def test_the_depth_is_a_metric(spool: Spool, registry: CollectorRegistry) -> None:
    await put(spool, events(3, size=5))
    assert registry.get_sample_value("ha_ingestor_websocket_ingestion_spool_events") == 3
    assert registry.get_sample_value("ha_ingestor_websocket_ingestion_spool_bytes") == 15


async def test_a_restart_continues_after_the_last_acknowledged_event(open_spool: Any) -> None:
    spool = await open_spool()
    await put(spool, numbered(0, 10))
    taken = await spool.take(4, 1000)
    spool.acknowledge(taken, written(taken))
    await spool.take(3, 1000)  # on its way when the end comes
    spool.put(numbered(10, 5))  # and these had just been read
    again = await open_spool()
    assert (again.depth, again.depth_at_start) == (11, 11)
    assert await take_all(again) == numbered(4, 11)
    assert (await open_spool()).depth == 0


async def test_what_was_spooled_by_an_earlier_process_is_not_received_again(
    open_spool: Any, counters: ServiceCounters, clock: FakeClock, metrics: IngestionMetrics
) -> None:
    await put(await open_spool(), events(3))
    spool = await open_spool()
    intake = Intake(spool=spool, counters=counters, clock=clock, metrics=metrics)
    intake.take([Raw(b"1")], OriginKind.LIVE)
    await put(spool, [])
    assert (counters.totals[Counter.RECEIVED], spool.depth - spool.depth_at_start) == (1, 1)


async def test_files_are_deleted_when_their_events_are_acknowledged(open_spool: Any, tmp_path: Path) -> None:
    spool = await open_spool(disk_bytes=64 * 1000)
    for at in range(0, 50, 5):
        await put(spool, numbered(at, 5, size=200))
    assert len(list(tmp_path.glob("home/*.events"))) > 5
    await take_all(spool)
    await spool.stop()
    assert len(list(tmp_path.glob("home/*.events"))) <= 1


async def test_a_second_process_on_the_same_spool_is_refused(open_spool: Any, tmp_path: Path, clock: FakeClock) -> None:
    await open_spool()
    second = Spool(tmp_path / "home", clock=clock, metrics=IngestionMetrics(CollectorRegistry()))
    with pytest.raises(SpoolUnusableError, match="another process"):
        await second.start()
    await second.stop()


async def test_totals_continue_after_restarts_with_every_outcome(open_spool: Any) -> None:
    spool = await open_spool()
    await put(spool, numbered(0, 10))
    first, second = [await spool.take(4, 1000) for _ in range(2)]
    spool.acknowledge(second, Receipt(written=1, duplicate=1, filtered=1, rejected=[Rejection(3, "malformed", "no")]))
    await put(spool, numbered(10, 1))
    assert spool.totals.ended == 0, "the first batch is not acknowledged, so all would be delivered again"
    spool.acknowledge(first, Receipt(written=4))
    again = await open_spool()
    totals = again.totals
    assert (totals.received, totals.written, totals.duplicate, totals.filtered, totals.rejected) == (11, 5, 1, 1, 1)
    assert (totals.queued, again.depth) == (3, 3)


async def test_deliver_now_returns_when_all_that_was_there_is_acknowledged(open_spool: Any) -> None:
    spool = await open_spool(sync_s=60.0)
    spool.put(events(2))
    delivering = asyncio.create_task(spool.deliver_now(5.0))
    await asyncio.wait_for(spool.gather(100, 60.0), 5)
    taken = await spool.take(100, 1000)
    assert not delivering.done()
    spool.acknowledge(taken, written(taken))
    await asyncio.wait_for(delivering, 5)


async def test_deliver_now_does_not_wait_for_ever(open_spool: Any) -> None:
    spool = await open_spool()
    spool.put(events(1))
    await asyncio.wait_for(spool.deliver_now(0.02), 5)
    assert spool.depth + spool.uncommitted == 1


async def test_deliver_now_waits_for_no_backlog(open_spool: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("websocket_ingestion.spool.spool._BACKLOG_EVENTS", 3)
    spool = await open_spool()
    await put(spool, events(4))
    await asyncio.wait_for(spool.deliver_now(60.0), 5)
    assert spool.depth == 4
