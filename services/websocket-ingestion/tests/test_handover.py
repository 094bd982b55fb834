"""The hand-over: takes everything, says when it is full, forgets only what is acknowledged."""

from __future__ import annotations

import asyncio

from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.events import RawEvent
from msgspec import Raw
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs
from websocket_ingestion.handover import Handover
from websocket_ingestion.metrics import IngestionMetrics


def events(count: int, size: int = 2, received_ns: int = 0) -> list[RawEvent]:
    return [RawEvent(Raw(b"1" * size), received_ns) for _ in range(count)]


async def test_events_come_out_as_they_went_in(handover: Handover) -> None:
    first, second = events(2), events(1)
    handover.put(first)
    handover.put(second)
    assert (await handover.take(10, 1000)).events == first + second


async def test_a_batch_has_at_most_so_many_events(handover: Handover) -> None:
    handover.put(events(5))
    assert len((await handover.take(3, 1000)).events) == 3
    assert len((await handover.take(3, 1000)).events) == 2


async def test_a_batch_has_at_most_so_many_bytes_and_a_greater_event_goes_alone(handover: Handover) -> None:
    handover.put(events(3, size=40) + events(1, size=500))
    assert [len((await handover.take(10, 100)).events) for _ in range(3)] == [2, 1, 1]


async def test_taking_waits_for_the_first_event(handover: Handover) -> None:
    taking = asyncio.create_task(handover.take(10, 1000))
    await asyncio.sleep(0)
    assert not taking.done()
    handover.put(events(1))
    assert len((await taking).events) == 1


async def test_what_was_taken_counts_until_it_is_acknowledged(handover: Handover) -> None:
    handover.put(events(10))
    taken = await handover.take(4, 1000)
    assert (handover.depth, handover.is_full) == (10, True)
    handover.acknowledge(taken)
    assert (handover.depth, handover.depth_bytes, handover.is_full) == (6, 12, False)


async def test_a_full_hand_over_still_takes_the_frame_that_was_read(handover: Handover) -> None:
    handover.put(events(9))
    handover.put(events(50))
    assert handover.depth == 59
    assert handover.is_full


async def test_bytes_fill_it_too(handover: Handover) -> None:
    handover.put(events(1, size=10_000))
    assert handover.is_full


async def test_the_reader_waits_for_room_and_the_wait_is_counted(
    handover: Handover, registry: CollectorRegistry
) -> None:
    handover.put(events(10))
    waiting = asyncio.create_task(handover.wait_for_room())
    await asyncio.sleep(0)
    taken = await handover.take(1, 1000)
    assert not waiting.done()
    handover.acknowledge(taken)
    await waiting
    assert handover.waits == 1
    assert registry.get_sample_value("ha_ingestor_websocket_ingestion_handover_waits_total") == 1


async def test_overload_is_loud_once_until_everything_is_delivered(handover: Handover) -> None:
    async def fill_and_take(events_to_put: int) -> list[str]:
        handover.put(events(events_to_put))
        with capture_logs() as lines:
            waiting = asyncio.create_task(handover.wait_for_room())
            await asyncio.sleep(0)
            handover.acknowledge(await handover.take(5, 1000))
            await waiting
        return [line["log_level"] for line in lines]

    assert await fill_and_take(10) == ["warning", "info"]
    assert await fill_and_take(5) == ["debug", "debug"]
    handover.acknowledge(await handover.take(10, 1000))
    assert await fill_and_take(10) == ["warning", "info"]


async def test_with_room_nobody_waits(handover: Handover) -> None:
    handover.put(events(9))
    await handover.wait_for_room()
    assert handover.waits == 0


async def test_empty_means_acknowledged(handover: Handover) -> None:
    handover.put(events(2))
    emptied = asyncio.create_task(handover.wait_until_empty())
    for batch in [await handover.take(1, 1000), await handover.take(1, 1000)]:
        assert not emptied.done()
        handover.acknowledge(batch)
    await emptied


async def test_the_lag_is_the_age_of_the_oldest_event_that_is_not_acknowledged(clock: FakeClock) -> None:
    handover = Handover(limit=10, limit_bytes=100, clock=clock, metrics=IngestionMetrics(CollectorRegistry()))
    assert handover.lag_s() == 0
    handover.put(events(1, received_ns=clock.now_ns()))
    clock.advance(3)
    handover.put(events(1, received_ns=clock.now_ns()))
    taken = await handover.take(1, 1000)
    clock.advance(2)
    assert handover.lag_s() == 5
    handover.acknowledge(taken)
    assert handover.lag_s() == 2
    clock.advance(-10)
    assert handover.lag_s() == 0  # the wall clock was set back


async def test_the_depth_is_a_metric(handover: Handover, registry: CollectorRegistry) -> None:
    handover.put(events(3, size=5))
    assert registry.get_sample_value("ha_ingestor_websocket_ingestion_handover_events") == 3
    assert registry.get_sample_value("ha_ingestor_websocket_ingestion_handover_bytes") == 15
