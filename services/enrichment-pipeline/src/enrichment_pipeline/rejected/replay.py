"""Replays rejected events: the ordinary way of an event once more, then a mark on the entry."""

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
    """`Replay` over a delivery: a replayed event is received again, so the numbers of the pipeline add up.

    One at a time: of two replays of one event the second would tell that it is there already.
    """

    def __init__(self, *, delivery: EventDelivery, rejected: RejectedFile, clock: Clock) -> None:
        self._delivery = delivery
        self._rejected = rejected
        self._clock = clock
        self._turn = asyncio.Lock()

    async def replay(self, rejected_id: str) -> Replayed:
        """Deliver one again; for one that was delivered before, return that outcome."""
        async with self._turn:
            event = await self._rejected.rejected_event(rejected_id)
            if event is None:
                raise NotFoundError(f"There is no rejected event {rejected_id}", id=rejected_id)
            if event.outcome not in (None, ReplayOutcome.REJECTED):
                return Replayed(event.outcome, event.replayed_ns or 0)
            now_ns = self._clock.now_ns()
            receipt = await self._delivery.deliver(_batch(event, now_ns))
            outcome, rejection = _end(receipt)
            await self._rejected.mark_replayed(structs.replace(event, replayed_ns=now_ns, outcome=outcome))
            return Replayed(outcome, now_ns, rejection)


def _batch(event: RejectedEvent, now_ns: int) -> EventBatch:
    """It arrives now: what is rejected again is an entry of its own, beside the first."""
    raw = RawEvent(event=Raw(event.payload.encode()), received_ns=now_ns, kind=event.origin_kind)
    return EventBatch(home=event.home, events=[raw])


def _end(receipt: Receipt) -> tuple[ReplayOutcome, Rejection | None]:
    if receipt.rejected:
        return ReplayOutcome.REJECTED, receipt.rejected[0]
    if receipt.filtered:
        return ReplayOutcome.FILTERED, None
    if receipt.expired:
        return ReplayOutcome.EXPIRED, None
    return (ReplayOutcome.WRITTEN if receipt.written else ReplayOutcome.DUPLICATE), None
