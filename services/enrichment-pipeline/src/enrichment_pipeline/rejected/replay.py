"""Replays rejected events: delivers them again, and stores the outcome in the entry."""

from __future__ import annotations

import asyncio

from ha_ingestor_core.clock import Clock
from ha_ingestor_core.delivery import EventDelivery, Receipt, Rejection, Replayed, ReplayOutcome
from ha_ingestor_core.errors import NotFoundError
from ha_ingestor_core.events import EventBatch, RawEvent
from ha_ingestor_store.points import RejectedEvent
from msgspec import Raw, structs

from enrichment_pipeline.rejected.rejected_file import RejectedFile


class Replayer:
    """`Replay` over a delivery: a replayed event counts as received again, so the totals add up.

    One replay at a time: the second of two replays of one event would be a duplicate.
    """

    def __init__(self, *, delivery: EventDelivery, rejected: RejectedFile, clock: Clock) -> None:
        self._delivery = delivery
        self._rejected = rejected
        self._clock = clock
        self._turn = asyncio.Lock()

    async def replay(self, rejected_id: str) -> Replayed:
        """Deliver a rejected event again; return the earlier outcome of an event that was already replayed."""
        async with self._turn:
            event = await self._rejected.rejected_event(rejected_id)
            if event is None:
                raise NotFoundError(f"There is no rejected event {rejected_id}", id=rejected_id)
            if event.outcome not in (None, ReplayOutcome.REJECTED):
                return Replayed(event.outcome, event.replayed_ns or 0)
            now_ns = self._clock.now_ns()
            receipt = await self._delivery.deliver(_batch(event, now_ns))
            outcome, rejection = _outcome(receipt)
            await self._rejected.mark_replayed(structs.replace(event, replayed_ns=now_ns, outcome=outcome))
            return Replayed(outcome, now_ns, rejection)


def _batch(event: RejectedEvent, now_ns: int) -> EventBatch:
    """Return a batch that arrives now: an event that is rejected again gets a new entry."""
    raw = RawEvent(event=Raw(event.payload.encode()), received_ns=now_ns, kind=event.origin_kind)
    return EventBatch(home=event.home, events=[raw])


def _outcome(receipt: Receipt) -> tuple[ReplayOutcome, Rejection | None]:
    if receipt.rejected:
        return ReplayOutcome.REJECTED, receipt.rejected[0]
    if receipt.filtered:
        return ReplayOutcome.FILTERED, None
    if receipt.expired:
        return ReplayOutcome.EXPIRED, None
    return (ReplayOutcome.WRITTEN if receipt.written else ReplayOutcome.DUPLICATE), None
