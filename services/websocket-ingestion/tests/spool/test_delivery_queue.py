"""Batches on the way out: their limits, their gathering, and their acknowledgement in any order."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from ha_ingestor_core.events import OriginKind, RawEvent
from msgspec import Raw
from websocket_ingestion.spool.spool import Spool

from tests.websocket_ingestion.spool_events import events, numbered, put, take_all, written


async def test_a_batch_has_at_most_so_many_events(spool: Spool) -> None:
    await put(spool, events(5))
    assert len((await spool.take(3, 1000)).events) == 3
    assert len((await spool.take(3, 1000)).events) == 2


async def test_a_batch_has_at_most_so_many_bytes_and_a_greater_event_goes_alone(spool: Spool) -> None:
    await put(spool, events(3, size=40) + events(1, size=500))
    assert [len((await spool.take(10, 100)).events) for _ in range(3)] == [2, 1, 1]


async def test_what_was_taken_counts_until_it_is_acknowledged(spool: Spool) -> None:
    await put(spool, events(10))
    taken = await spool.take(4, 1000)
    assert (spool.depth, spool.depth_bytes) == (10, 20)
    spool.acknowledge(taken, written(taken))
    assert (spool.depth, spool.depth_bytes) == (6, 12)


async def test_batches_may_be_acknowledged_in_any_order(open_spool: Any) -> None:
    spool = await open_spool()
    await put(spool, numbered(0, 9))
    first, second, third = [await spool.take(3, 1000) for _ in range(3)]
    spool.acknowledge(second, written(second))
    spool.acknowledge(first, written(first))
    assert spool.depth == 3
    again = await open_spool()
    assert await take_all(again) == third.events


@pytest.mark.parametrize("kind", [OriginKind.SNAPSHOT, OriginKind.BACKFILL])
async def test_urgent_events_are_synced_and_taken_at_once(open_spool: Any, kind: OriginKind) -> None:
    spool = await open_spool(sync_s=60.0)
    await put(spool, [RawEvent(Raw(b"1"), 0, kind)])
    async with asyncio.timeout(5):
        await spool.gather(100, 60.0)


async def test_gathering_ends_when_enough_is_there(open_spool: Any) -> None:
    spool = await open_spool()
    gathering = asyncio.create_task(spool.gather(3, 60.0))
    await put(spool, events(2))
    await asyncio.sleep(0.02)
    assert not gathering.done()
    await put(spool, events(1))
    await asyncio.wait_for(gathering, 5)
    assert len((await spool.take(10, 1000)).events) == 3


async def test_gathering_ends_when_the_first_has_waited_long_enough(open_spool: Any) -> None:
    spool = await open_spool()
    await put(spool, events(1))
    await asyncio.wait_for(spool.gather(100, 0.02), 5)
