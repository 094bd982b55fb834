"""The receipts of recovered changes, separated by attempt."""

from __future__ import annotations

import asyncio

from ha_ingestor_core.delivery import Receipt, Rejection
from ha_ingestor_core.events import OriginKind, RawEvent
from msgspec import Raw
from websocket_ingestion.gaps.outcomes import Outcomes, Tally, runs


def events(stamp_ns: int, count: int, kind: OriginKind = OriginKind.BACKFILL) -> list[RawEvent]:
    return [RawEvent(Raw(b"%d" % n), stamp_ns, kind) for n in range(count)]


async def test_a_stamp_has_ended_when_all_its_events_have() -> None:
    outcomes = Outcomes()
    outcomes.expect(1, 2)
    outcomes.expect(1, 3)
    waiting = asyncio.create_task(outcomes.wait_for(1))
    outcomes.note(events(1, 3), Receipt(written=2, duplicate=1))
    await asyncio.sleep(0)
    assert not waiting.done()
    outcomes.note(events(1, 2), Receipt(expired=1, rejected=[Rejection(1, "odd", "odd")]))
    assert await waiting == Tally(recovered=2, known=1, other=2)


async def test_receipts_for_an_earlier_process_are_ignored() -> None:
    outcomes = Outcomes()
    outcomes.note(events(7, 1), Receipt(written=1))
    outcomes.expect(8, 1)
    outcomes.note(events(8, 1), Receipt(duplicate=1))
    assert await outcomes.wait_for(8) == Tally(known=1)


def test_a_batch_is_cut_where_a_receipt_would_tell_of_different_things() -> None:
    live, snapshot = events(5, 2, OriginKind.LIVE), events(6, 1, OriginKind.SNAPSHOT)
    batch = [*live, *snapshot, *events(1, 2), *events(2, 1), *live]
    assert [len(run) for run in runs(batch)] == [3, 2, 1, 2]
    assert runs([]) == []
