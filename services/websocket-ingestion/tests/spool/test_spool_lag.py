"""The lag of the spool: time in which more is gathered is no delay."""

from __future__ import annotations

import asyncio
from typing import Any

from ha_ingestor_core.clock import FakeClock
from websocket_ingestion.spool.spool import Spool

from tests.websocket_ingestion.spool_events import events, put, written


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


async def test_time_in_which_more_is_gathered_is_no_delay(open_spool: Any, clock: FakeClock) -> None:
    spool = await open_spool()
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


async def test_a_disk_that_takes_nothing_is_a_delay_while_a_batch_is_awaited(open_spool: Any, clock: FakeClock) -> None:
    spool = await open_spool(sync_s=1.0)
    gathering = asyncio.create_task(spool.gather(2, 60.0))
    await asyncio.sleep(0)
    spool.put(events(1, received_ns=clock.now_ns()))
    clock.advance(1.0)
    assert spool.lag_s() == 0
    clock.advance(600.0)
    assert spool.lag_s() == 600
    gathering.cancel()


async def test_what_is_under_way_is_late_while_the_next_batch_is_gathered(open_spool: Any, clock: FakeClock) -> None:
    spool = await open_spool()
    await put(spool, events(1, received_ns=clock.now_ns()))
    await spool.take(1, 1000)
    await put(spool, events(1, received_ns=clock.now_ns()))
    gathering = asyncio.create_task(spool.gather(2, 60.0))
    await asyncio.sleep(0)
    clock.advance(5.0)
    assert spool.lag_s() == 5
    gathering.cancel()
