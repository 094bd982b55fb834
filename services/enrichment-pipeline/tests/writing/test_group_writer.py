"""Group commit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest
from enrichment_pipeline.metrics import PipelineMetrics
from enrichment_pipeline.points.point_builder import PointBuilder
from enrichment_pipeline.points.prepared_batch import PreparedBatch, prepare
from enrichment_pipeline.rejected.rejected_file import RejectedFile
from enrichment_pipeline.taps.open_taps import Taps
from enrichment_pipeline.writing.durable_totals import DurableTotals
from enrichment_pipeline.writing.group_writer import GroupWriter
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.delivery import Receipt, Rejection
from ha_ingestor_core.errors import (
    RejectedEventsFullError,
    ServiceUnavailableError,
    StoreUnavailableError,
    UnexpectedError,
)
from ha_ingestor_core.events import EventBatch, OriginKind
from ha_ingestor_core.reporting.totals import Totals
from ha_ingestor_core.service_metrics import Counter, ServiceCounters
from ha_ingestor_store.points import RejectedEvent

Start = Callable[..., Awaitable[GroupWriter]]
Prepare = Callable[..., Awaitable[PreparedBatch]]


@pytest.fixture
async def start(
    store: Any,
    clock: FakeClock,
    counters: ServiceCounters,
    metrics: PipelineMetrics,
    tmp_path: Path,
    rejected_file: RejectedFile,
) -> AsyncIterator[Start]:
    writers: list[GroupWriter] = []

    async def make(batch_size: int = 5_000, batch_age_s: float = 0.0) -> GroupWriter:
        writer = GroupWriter(
            store,
            service="test",
            batch_size=batch_size,
            batch_age_s=batch_age_s,
            clock=clock,
            counters=counters,
            totals=DurableTotals(tmp_path / "totals", service="test", counters=counters),
            rejected=rejected_file,
            taps=Taps(clock),
            metrics=metrics,
        )
        writers.append(writer)
        await writer.start()
        return writer

    yield make
    store.gate.set()
    for writer in writers:
        await writer.stop()


@pytest.fixture
def prepared(batch: Callable[..., EventBatch], changes: Callable[..., list[dict[str, Any]]]) -> Prepare:
    async def make(count: int = 1, entity_id: str = "sensor.kitchen", *more: Any) -> PreparedBatch:
        return await prepare(batch(*changes(count, entity_id), *more), PointBuilder("home"))

    return make


def _writing(writer: GroupWriter, prepared: PreparedBatch) -> asyncio.Task[Receipt]:
    return asyncio.create_task(writer.write(prepared))


async def _held_up(store: Any, writer: GroupWriter, prepared: PreparedBatch) -> asyncio.Task[Receipt]:
    """A write that the store has begun and does not end."""
    store.gate.clear()
    store.entered.clear()
    task = _writing(writer, prepared)
    await store.entered.wait()
    return task


async def test_nothing_is_acknowledged_before_the_store_has_it(start: Start, prepared: Prepare, store: Any) -> None:
    task = await _held_up(store, await start(), await prepared(3))
    assert not task.done()
    store.gate.set()
    assert await task == Receipt(written=3)


async def test_what_arrives_during_a_write_is_written_together(start: Start, prepared: Prepare, store: Any) -> None:
    writer = await start()
    first = await _held_up(store, writer, await prepared(1, "a.first"))
    others = [_writing(writer, await prepared(2, f"a.n{n}")) for n in range(3)]
    await asyncio.sleep(0)
    store.gate.set()
    assert await asyncio.gather(first, *others) == [Receipt(written=1), *[Receipt(written=2)] * 3]
    assert store.writes == [1, 6]


async def test_a_write_begins_at_once_when_enough_waits(start: Start, prepared: Prepare, store: Any) -> None:
    writer = await start(batch_size=4, batch_age_s=3600)
    await asyncio.gather(_writing(writer, await prepared(2, "a.a")), _writing(writer, await prepared(2, "a.b")))
    assert store.writes == [4]


async def test_fewer_wait_for_their_age(start: Start, prepared: Prepare, store: Any) -> None:
    task = _writing(await start(batch_size=4, batch_age_s=0.02), await prepared(2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert store.writes == []
    assert await task == Receipt(written=2)


async def test_after_a_full_write_fewer_wait_for_their_age_again(start: Start, prepared: Prepare, store: Any) -> None:
    writer = await start(batch_size=4, batch_age_s=3600)
    await writer.write(await prepared(4))
    first = _writing(writer, await prepared(2, "a.a"))
    for _ in range(5):
        await asyncio.sleep(0)
    assert store.writes == [4]
    await asyncio.gather(first, _writing(writer, await prepared(2, "a.b")))
    assert store.writes == [4, 4]


async def test_a_batch_is_never_divided(start: Start, prepared: Prepare, store: Any) -> None:
    await (await start(batch_size=2)).write(await prepared(7))
    assert store.writes == [7]


async def test_a_group_ends_at_the_batch_size(start: Start, prepared: Prepare, store: Any) -> None:
    writer = await start(batch_size=4)
    first = await _held_up(store, writer, await prepared(1, "a.first"))
    others = [_writing(writer, await prepared(2, f"a.n{n}")) for n in range(3)]
    await asyncio.sleep(0)
    store.gate.set()
    await asyncio.gather(first, *others)
    assert store.writes == [1, 4, 2]


async def test_a_failed_write_fails_every_batch_of_it_and_counts_none(
    start: Start, prepared: Prepare, store: Any, counters: ServiceCounters
) -> None:
    writer = await start(batch_size=4, batch_age_s=3600)
    store.failures = [StoreUnavailableError("locked")]
    batches = [await prepared(2, "a.a"), await prepared(2, "a.b")]
    failed = await asyncio.gather(*(_writing(writer, each) for each in batches), return_exceptions=True)
    assert [type(each) for each in failed] == [StoreUnavailableError] * 2
    assert counters.totals[Counter.RECEIVED] == 0
    assert store.points == {}
    assert await asyncio.gather(*(_writing(writer, each) for each in batches)) == [Receipt(written=2)] * 2


async def test_numbers_add_up(start: Start, prepared: Prepare, counters: ServiceCounters) -> None:
    writer = await start()
    await writer.write(await prepared(3, "sensor.kitchen", b"{}"))
    receipt = await writer.write(await prepared(5, "sensor.kitchen", b"{}", b"[]"))
    assert (receipt.written, receipt.duplicate, len(receipt.rejected)) == (2, 3, 2)
    totals = counters.totals
    assert totals[Counter.RECEIVED] == 11
    assert (totals[Counter.PROCESSED], totals[Counter.DUPLICATE], totals[Counter.REJECTED]) == (5, 3, 3)


async def test_rejected_events_are_kept_with_their_payload(start: Start, prepared: Prepare, kept: Any) -> None:
    await (await start()).write(await prepared(1, "a.a", b'{"event_type":5}'))
    (entry,) = kept()
    assert (entry.key, entry.service, entry.payload) == ("wrong_type", "test", '{"event_type":5}')


async def test_what_the_store_refuses_is_kept_as_rejected(
    start: Start, prepared: Prepare, store: Any, counters: ServiceCounters, kept: Any
) -> None:
    store.refuses = lambda point: point.state == "1"
    receipt = await (await start()).write(await prepared(3, "a.a", b"{}"))
    assert (receipt.written, [(r.index, r.key) for r in receipt.rejected]) == (
        2,
        [(1, "type_conflict"), (3, "missing_field")],
    )
    assert sorted(entry.key for entry in kept()) == ["missing_field", "type_conflict"]
    assert counters.totals[Counter.REJECTED] == 2


async def test_latency_is_from_arrival_to_the_end_of_the_write(
    start: Start, prepared: Prepare, store: Any, clock: FakeClock, counters: ServiceCounters
) -> None:
    task = await _held_up(store, await start(), await prepared(4))
    clock.advance(0.05)
    store.gate.set()
    await task
    assert counters.latency_sum_ms == pytest.approx(4 * 50)
    assert sum(counters.latency_counts) == 4


async def test_what_an_event_waited_in_the_spool_before_is_no_latency_of_the_pipeline(
    start: Start, prepared: Prepare, clock: FakeClock, counters: ServiceCounters
) -> None:
    batch = await prepared(4)
    clock.advance(30)  # gathered in the spool, so that the disk is written to less often
    await (await start()).write(batch, clock.monotonic() - 0.05)
    assert counters.latency_sum_ms == pytest.approx(4 * 50)


async def test_a_call_cancelled_while_it_waits_is_not_written(start: Start, prepared: Prepare, store: Any) -> None:
    writer = await start()
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
    start: Start, prepared: Prepare, store: Any, counters: ServiceCounters
) -> None:
    writer = await start()
    first = await _held_up(store, writer, await prepared(2, "a.first"))
    first.cancel()
    await asyncio.wait([first])
    store.gate.set()
    await writer.write(await prepared(1, "a.second"))
    assert counters.totals[Counter.PROCESSED] == len(store.points) == 3


async def test_an_answer_that_makes_no_sense_fails_the_batch_and_not_the_writer(
    start: Start, prepared: Prepare, store: Any
) -> None:
    writer = await start()
    store.failures = [IndexError("out of range")]
    with pytest.raises(UnexpectedError, match="IndexError"):
        await writer.write(await prepared(1))
    assert writer.is_running
    assert await writer.write(await prepared(1)) == Receipt(written=1)


async def test_an_unexpected_error_fails_the_batch_and_not_the_writer(start: Start, prepared: Prepare) -> None:
    writer = await start()
    of_no_event = PreparedBatch(EventBatch(home="home", events=[]), rejections=[Rejection(3, "key", "message")])
    with pytest.raises(UnexpectedError, match="IndexError"):
        await writer.write(of_no_event)
    assert await writer.write(await prepared(1)) == Receipt(written=1)


async def test_stop_writes_what_waits_and_takes_nothing_more(start: Start, prepared: Prepare, store: Any) -> None:
    writer = await start(batch_age_s=3600)
    waiting = _writing(writer, await prepared(2))
    await asyncio.sleep(0)
    await writer.stop()
    assert await waiting == Receipt(written=2)
    with pytest.raises(ServiceUnavailableError):
        await writer.write(await prepared(1))
    assert not writer.is_running


async def test_what_is_rejected_is_kept_before_the_store_counts_it_and_comes_again_as_the_same_entry(
    start: Start, prepared: Prepare, store: Any, kept: Any, counters: ServiceCounters
) -> None:
    writer, batch = await start(), await prepared(1, "a.a", b"{}")
    store.failures = [StoreUnavailableError("away")]
    with pytest.raises(StoreUnavailableError):
        await writer.write(batch)
    assert [entry.key for entry in kept()] == ["missing_field"]
    assert counters.totals[Counter.REJECTED] == 0
    await writer.write(batch)
    assert (len(kept()), counters.totals[Counter.REJECTED]) == (1, 1)


async def test_while_no_rejected_event_can_be_kept_nothing_is_written_or_counted(
    start: Start, prepared: Prepare, store: Any, counters: ServiceCounters, rejected_file: RejectedFile
) -> None:
    writer, poor = await start(), await prepared(1, "a.a", b"{}")
    for payload in ("x" * 50_000, "x" * 2_000, "x"):
        with suppress(RejectedEventsFullError):
            for n in count():
                await rejected_file.keep([RejectedEvent("home", n, "s", "k", "m", f"{n}{payload}")])
    with pytest.raises(RejectedEventsFullError, match="REJECTED_LIMIT_BYTES"):
        await writer.write(poor)
    assert (store.writes, counters.totals[Counter.RECEIVED]) == ([], 0)
    assert (await writer.write(await prepared(2, "a.b"))).written == 2, "what holds no rejected event goes on"


def _snapshot(prepared: PreparedBatch) -> PreparedBatch:
    points = [msgspec.structs.replace(point, origin_kind=OriginKind.SNAPSHOT) for point in prepared.points]
    return replace(prepared, points=points)


async def test_what_the_store_no_longer_keeps_is_not_sent_and_counts_as_expired(
    start: Start, prepared: Prepare, store: Any, counters: ServiceCounters, kept: Any
) -> None:
    batch = await prepared(5, "a.a", b"{}")
    store.kept_from = batch.points[2].time_ns
    receipt = await (await start()).write(batch)
    assert (receipt.written, receipt.expired, [each.index for each in receipt.rejected]) == (3, 2, [5])
    assert [point.state for point in store.points.values()] == ["2", "3", "4"]
    assert (counters.totals[Counter.EXPIRED], counters.totals[Counter.RECEIVED], len(kept())) == (2, 6, 1)
    counted = store.tallies[0].counted
    assert (counted.received, counted.expired, counted.rejected) == (6, 2, 1)


async def test_an_expired_state_is_a_duplicate_in_the_next_snapshot(
    start: Start, prepared: Prepare, store: Any, tmp_path: Path
) -> None:
    writer, batch = await start(), _snapshot(await prepared(1, "a.idle"))
    store.kept_from = batch.points[0].time_ns + 1
    assert await writer.write(batch) == Receipt(expired=1)
    assert await writer.write(batch) == Receipt(duplicate=1)
    assert store.tallies[1].counted == Totals(received=1, duplicate=1, time_ns=store.tallies[1].counted.time_ns)
    later = RejectedFile(tmp_path, limit_bytes=1024 * 1024)
    await later.open()
    assert later.expired_states == {("home", "a.idle"): batch.points[0].time_ns}, "a restart remembers it"
    await later.close()


@pytest.mark.parametrize("is_snapshot", [True, False])
async def test_what_the_store_itself_finds_expired_counts_the_same(
    start: Start, prepared: Prepare, store: Any, kept: Any, is_snapshot: bool
) -> None:
    store.expires = lambda point: point.state == "0"
    writer, batch = await start(), await prepared(2, "a.idle")
    if is_snapshot:
        batch = _snapshot(batch)
    assert await writer.write(batch) == Receipt(written=1, expired=1)
    again = Receipt(duplicate=2) if is_snapshot else Receipt(duplicate=1, expired=1)
    assert await writer.write(batch) == again
    assert kept() == []
