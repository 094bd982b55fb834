"""The accounting of a group: rejected, expired and duplicate events."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest
from enrichment_pipeline.points.prepared_batch import PreparedBatch
from enrichment_pipeline.rejected.rejected_file import RejectedFile
from enrichment_pipeline.writing.group_writer import GroupWriter
from ha_ingestor_core.delivery import Receipt
from ha_ingestor_core.errors import (
    RejectedEventsFullError,
    StoreUnavailableError,
)
from ha_ingestor_core.events import OriginKind
from ha_ingestor_core.reporting.totals import Totals
from ha_ingestor_core.service_metrics import Counter, ServiceCounters
from ha_ingestor_store.points import RejectedEvent

Start = Callable[..., Awaitable[GroupWriter]]
Prepare = Callable[..., Awaitable[PreparedBatch]]


async def test_numbers_add_up(start_writer: Start, prepared: Prepare, counters: ServiceCounters) -> None:
    writer = await start_writer()
    await writer.write(await prepared(3, "sensor.kitchen", b"{}"))
    receipt = await writer.write(await prepared(5, "sensor.kitchen", b"{}", b"[]"))
    assert (receipt.written, receipt.duplicate, len(receipt.rejected)) == (2, 3, 2)
    totals = counters.totals
    assert totals[Counter.RECEIVED] == 11
    assert (totals[Counter.PROCESSED], totals[Counter.DUPLICATE], totals[Counter.REJECTED]) == (5, 3, 3)


async def test_rejected_events_are_kept_with_their_payload(start_writer: Start, prepared: Prepare, kept: Any) -> None:
    await (await start_writer()).write(await prepared(1, "a.a", b'{"event_type":5}'))
    (entry,) = kept()
    assert (entry.key, entry.service, entry.payload) == ("wrong_type", "test", '{"event_type":5}')


async def test_what_the_store_refuses_is_kept_as_rejected(
    start_writer: Start, prepared: Prepare, store: Any, counters: ServiceCounters, kept: Any
) -> None:
    store.refuses = lambda point: point.state == "1"
    receipt = await (await start_writer()).write(await prepared(3, "a.a", b"{}"))
    assert (receipt.written, [(r.index, r.key) for r in receipt.rejected]) == (
        2,
        [(1, "type_conflict"), (3, "missing_field")],
    )
    assert sorted(entry.key for entry in kept()) == ["missing_field", "type_conflict"]
    assert counters.totals[Counter.REJECTED] == 2


async def test_what_is_rejected_is_kept_before_the_store_counts_it_and_comes_again_as_the_same_entry(
    start_writer: Start, prepared: Prepare, store: Any, kept: Any, counters: ServiceCounters
) -> None:
    writer, batch = await start_writer(), await prepared(1, "a.a", b"{}")
    store.failures = [StoreUnavailableError("away")]
    with pytest.raises(StoreUnavailableError):
        await writer.write(batch)
    assert [entry.key for entry in kept()] == ["missing_field"]
    assert counters.totals[Counter.REJECTED] == 0
    await writer.write(batch)
    assert (len(kept()), counters.totals[Counter.REJECTED]) == (1, 1)


async def test_while_no_rejected_event_can_be_kept_nothing_is_written_or_counted(
    start_writer: Start, prepared: Prepare, store: Any, counters: ServiceCounters, rejected_file: RejectedFile
) -> None:
    writer, poor = await start_writer(), await prepared(1, "a.a", b"{}")
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
    start_writer: Start, prepared: Prepare, store: Any, counters: ServiceCounters, kept: Any
) -> None:
    batch = await prepared(5, "a.a", b"{}")
    store.kept_from = batch.points[2].time_ns
    receipt = await (await start_writer()).write(batch)
    assert (receipt.written, receipt.expired, [each.index for each in receipt.rejected]) == (3, 2, [5])
    assert [point.state for point in store.points.values()] == ["2", "3", "4"]
    assert (counters.totals[Counter.EXPIRED], counters.totals[Counter.RECEIVED], len(kept())) == (2, 6, 1)
    counted = store.tallies[0].counted
    assert (counted.received, counted.expired, counted.rejected) == (6, 2, 1)


async def test_an_expired_state_is_a_duplicate_in_the_next_snapshot(
    start_writer: Start, prepared: Prepare, store: Any, tmp_path: Path
) -> None:
    writer, batch = await start_writer(), _snapshot(await prepared(1, "a.idle"))
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
    start_writer: Start, prepared: Prepare, store: Any, kept: Any, is_snapshot: bool
) -> None:
    store.expires = lambda point: point.state == "0"
    writer, batch = await start_writer(), await prepared(2, "a.idle")
    if is_snapshot:
        batch = _snapshot(batch)
    assert await writer.write(batch) == Receipt(written=1, expired=1)
    again = Receipt(duplicate=2) if is_snapshot else Receipt(duplicate=1, expired=1)
    assert await writer.write(batch) == again
    assert kept() == []
