"""Group commit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from enrichment_pipeline.points.prepared_batch import PreparedBatch
from enrichment_pipeline.writing.group_writer import GroupWriter
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.delivery import Receipt, Rejection
from ha_ingestor_core.errors import (
    ServiceUnavailableError,
    StoreUnavailableError,
    UnexpectedError,
)
from ha_ingestor_core.events import EventBatch
from ha_ingestor_core.service_metrics import Counter, ServiceCounters

Start = Callable[..., Awaitable[GroupWriter]]
Prepare = Callable[..., Awaitable[PreparedBatch]]


def _writing(writer: GroupWriter, prepared: PreparedBatch) -> asyncio.Task[Receipt]:
    return asyncio.create_task(writer.write(prepared))


async def _held_up(store: Any, writer: GroupWriter, prepared: PreparedBatch) -> asyncio.Task[Receipt]:
    """A write that the store has begun and does not end."""
    store.gate.clear()
    store.entered.clear()
    task = _writing(writer, prepared)
    await store.entered.wait()
    return task


async def test_nothing_is_acknowledged_before_the_store_has_it(
    start_writer: Start, prepared: Prepare, store: Any
) -> None:
    task = await _held_up(store, await start_writer(), await prepared(3))
    assert not task.done()
    store.gate.set()
    assert await task == Receipt(written=3)


async def test_what_arrives_during_a_write_is_written_together(
    start_writer: Start, prepared: Prepare, store: Any
) -> None:
    writer = await start_writer()
    first = await _held_up(store, writer, await prepared(1, "a.first"))
    others = [_writing(writer, await prepared(2, f"a.n{n}")) for n in range(3)]
    await asyncio.sleep(0)
    store.gate.set()
    assert await asyncio.gather(first, *others) == [Receipt(written=1), *[Receipt(written=2)] * 3]
    assert store.writes == [1, 6]


async def test_a_write_begins_at_once_when_enough_waits(start_writer: Start, prepared: Prepare, store: Any) -> None:
    writer = await start_writer(batch_size=4, batch_age_s=3600)
    await asyncio.gather(_writing(writer, await prepared(2, "a.a")), _writing(writer, await prepared(2, "a.b")))
    assert store.writes == [4]


async def test_fewer_wait_for_their_age(start_writer: Start, prepared: Prepare, store: Any) -> None:
    task = _writing(await start_writer(batch_size=4, batch_age_s=0.02), await prepared(2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert store.writes == []
    assert await task == Receipt(written=2)


async def test_after_a_full_write_fewer_wait_for_their_age_again(
    start_writer: Start, prepared: Prepare, store: Any
) -> None:
    writer = await start_writer(batch_size=4, batch_age_s=3600)
    await writer.write(await prepared(4))
    first = _writing(writer, await prepared(2, "a.a"))
    for _ in range(5):
        await asyncio.sleep(0)
    assert store.writes == [4]
    await asyncio.gather(first, _writing(writer, await prepared(2, "a.b")))
    assert store.writes == [4, 4]


async def test_a_batch_is_never_divided(start_writer: Start, prepared: Prepare, store: Any) -> None:
    await (await start_writer(batch_size=2)).write(await prepared(7))
    assert store.writes == [7]


async def test_a_group_ends_at_the_batch_size(start_writer: Start, prepared: Prepare, store: Any) -> None:
    writer = await start_writer(batch_size=4)
    first = await _held_up(store, writer, await prepared(1, "a.first"))
    others = [_writing(writer, await prepared(2, f"a.n{n}")) for n in range(3)]
    await asyncio.sleep(0)
    store.gate.set()
    await asyncio.gather(first, *others)
    assert store.writes == [1, 4, 2]


async def test_a_failed_write_fails_every_batch_of_it_and_counts_none(
    start_writer: Start, prepared: Prepare, store: Any, counters: ServiceCounters
) -> None:
    writer = await start_writer(batch_size=4, batch_age_s=3600)
    store.failures = [StoreUnavailableError("locked")]
    batches = [await prepared(2, "a.a"), await prepared(2, "a.b")]
    failed = await asyncio.gather(*(_writing(writer, each) for each in batches), return_exceptions=True)
    assert [type(each) for each in failed] == [StoreUnavailableError] * 2
    assert counters.totals[Counter.RECEIVED] == 0
    assert store.points == {}
    assert await asyncio.gather(*(_writing(writer, each) for each in batches)) == [Receipt(written=2)] * 2


async def test_latency_is_from_arrival_to_the_end_of_the_write(
    start_writer: Start, prepared: Prepare, store: Any, clock: FakeClock, counters: ServiceCounters
) -> None:
    task = await _held_up(store, await start_writer(), await prepared(4))
    clock.advance(0.05)
    store.gate.set()
    await task
    assert counters.latency_sum_ms == pytest.approx(4 * 50)
    assert sum(counters.latency_counts) == 4


async def test_what_an_event_waited_in_the_spool_before_is_no_latency_of_the_pipeline(
    start_writer: Start, prepared: Prepare, clock: FakeClock, counters: ServiceCounters
) -> None:
    batch = await prepared(4)
    clock.advance(30)  # gathered in the spool, so that the disk is written to less often
    await (await start_writer()).write(batch, clock.monotonic() - 0.05)
    assert counters.latency_sum_ms == pytest.approx(4 * 50)


async def test_a_call_cancelled_while_it_waits_is_not_written(
    start_writer: Start, prepared: Prepare, store: Any
) -> None:
    writer = await start_writer()
    first = await _held_up(store, writer, await prepared(1, "a.first"))
    second = _writing(writer, await prepared(2, "a.second"))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.wait([second])
    store.gate.set()
    await first
    await writer.write(await prepared(1, "a.third"))
    assert store.writes == [1, 1]


async def test_a_call_cancelled_during_its_write_is_still_counted(
    start_writer: Start, prepared: Prepare, store: Any, counters: ServiceCounters
) -> None:
    writer = await start_writer()
    first = await _held_up(store, writer, await prepared(2, "a.first"))
    first.cancel()
    await asyncio.wait([first])
    store.gate.set()
    await writer.write(await prepared(1, "a.second"))
    assert counters.totals[Counter.PROCESSED] == len(store.points) == 3


async def test_an_answer_that_makes_no_sense_fails_the_batch_and_not_the_writer(
    start_writer: Start, prepared: Prepare, store: Any
) -> None:
    writer = await start_writer()
    store.failures = [IndexError("out of range")]
    with pytest.raises(UnexpectedError, match="IndexError"):
        await writer.write(await prepared(1))
    assert writer.is_running
    assert await writer.write(await prepared(1)) == Receipt(written=1)


async def test_an_unexpected_error_fails_the_batch_and_not_the_writer(start_writer: Start, prepared: Prepare) -> None:
    writer = await start_writer()
    of_no_event = PreparedBatch(EventBatch(home="home", events=[]), rejections=[Rejection(3, "key", "message")])
    with pytest.raises(UnexpectedError, match="IndexError"):
        await writer.write(of_no_event)
    assert await writer.write(await prepared(1)) == Receipt(written=1)


async def test_stop_writes_what_waits_and_takes_nothing_more(
    start_writer: Start, prepared: Prepare, store: Any
) -> None:
    writer = await start_writer(batch_age_s=3600)
    waiting = _writing(writer, await prepared(2))
    await asyncio.sleep(0)
    await writer.stop()
    assert await waiting == Receipt(written=2)
    with pytest.raises(ServiceUnavailableError):
        await writer.write(await prepared(1))
    assert not writer.is_running
