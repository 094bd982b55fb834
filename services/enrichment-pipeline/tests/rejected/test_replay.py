"""Replays: the ordinary way once more, and a mark on the entry."""

from __future__ import annotations

import json
from typing import Any

import pytest
from enrichment_pipeline.rejected.rejected_file import RejectedFile
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.delivery import ReplayOutcome
from ha_ingestor_core.errors import NotFoundError, StoreUnavailableError
from ha_ingestor_core.events import OriginKind
from ha_ingestor_core.service_metrics import Counter
from ha_ingestor_store.points import RejectedEvent


@pytest.fixture
def keep(rejected_file: RejectedFile, clock: Any) -> Any:
    """Puts an event among the rejected, an hour ago."""

    async def make(event: Any, kind: OriginKind = OriginKind.LIVE) -> str:
        payload = event if isinstance(event, str) else json.dumps(event)
        arrived_ns = clock.now_ns() - 3600 * NS_PER_S
        rejected = RejectedEvent("home", arrived_ns, "enrichment-pipeline", "internal_error", "why", payload, kind)
        await rejected_file.keep([rejected])
        return rejected.id

    return make


async def test_an_event_that_is_understood_now_is_written_as_what_it_was(
    start: Any, store: Any, clock: Any, keep: Any, kept: Any, change: Any
) -> None:
    pipeline = await start()
    rejected_id = await keep(change(), OriginKind.BACKFILL)
    replayed = await pipeline.replay(rejected_id)
    assert (replayed.outcome, replayed.rejection) == (ReplayOutcome.WRITTEN, None)
    assert [point.origin_kind for point in store.points.values()] == [OriginKind.BACKFILL]
    (entry,) = kept()
    assert (entry.id, entry.outcome, entry.replayed_ns) == (rejected_id, ReplayOutcome.WRITTEN, clock.now_ns())


async def test_an_event_that_is_there_already_is_a_duplicate(
    start: Any, store: Any, keep: Any, change: Any, batch: Any
) -> None:
    pipeline = await start()
    await pipeline.deliver(batch(change()))
    assert (await pipeline.replay(await keep(change()))).outcome is ReplayOutcome.DUPLICATE
    assert len(store.points) == 1


async def test_what_is_rejected_again_has_an_entry_of_its_own_with_its_new_reason(
    start: Any, clock: Any, keep: Any, kept: Any
) -> None:
    pipeline = await start()
    replayed = await pipeline.replay(await keep("{"))
    assert replayed.outcome is ReplayOutcome.REJECTED
    assert replayed.rejection is not None
    assert replayed.rejection.key == "malformed"
    first, again = kept()
    assert (first.key, first.outcome) == ("internal_error", ReplayOutcome.REJECTED)
    assert (again.key, again.time_ns, again.payload, again.outcome) == ("malformed", clock.now_ns(), "{", None)


async def test_the_numbers_add_up_since_a_replay_is_received_again(
    start: Any, clock: Any, keep: Any, change: Any
) -> None:
    pipeline = await start()
    for event in (change(), change(state="22"), "{"):
        await pipeline.replay(await keep(event))
    clock.turn_to(clock.now_ns() + 1)
    await pipeline.replay(await keep(change()))
    counters = (await pipeline.status())["counters"]
    ends = (Counter.PROCESSED, Counter.DUPLICATE, Counter.REJECTED)
    assert [counters[name] for name in (Counter.RECEIVED, *ends)] == [4, 2, 1, 1]


async def test_what_ended_well_is_not_delivered_again(start: Any, keep: Any, change: Any) -> None:
    pipeline = await start()
    rejected_id = await keep(change())
    first = await pipeline.replay(rejected_id)
    assert await pipeline.replay(rejected_id) == first
    assert (await pipeline.status())["counters"][Counter.RECEIVED] == 1


async def test_what_has_expired_meanwhile_ends_so(start: Any, store: Any, clock: Any, keep: Any, change: Any) -> None:
    store.kept_from = clock.now_ns() + 10**18
    assert (await (await start()).replay(await keep(change()))).outcome is ReplayOutcome.EXPIRED


async def test_while_the_store_is_away_the_entry_stays_as_it_is(
    start: Any, store: Any, keep: Any, kept: Any, change: Any
) -> None:
    pipeline = await start()
    rejected_id = await keep(change())
    store.failures = [StoreUnavailableError("away")]
    with pytest.raises(StoreUnavailableError):
        await pipeline.replay(rejected_id)
    assert kept()[0].outcome is None
    assert (await pipeline.replay(rejected_id)).outcome is ReplayOutcome.WRITTEN


async def test_an_id_that_is_none_is_not_found(start: Any) -> None:
    with pytest.raises(NotFoundError, match="no rejected event nothing"):
        await (await start()).replay("nothing")
