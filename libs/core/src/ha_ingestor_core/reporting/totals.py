"""What a service has received since it was first started, and how it ended; kept on disk with the events themselves."""

from __future__ import annotations

from msgspec import Struct

from ha_ingestor_core.delivery import Receipt
from ha_ingestor_core.service_metrics import Counter


class Totals(Struct, frozen=True):
    """received = written + duplicate + filtered + rejected + expired + failed + queued.

    `time_ns` is when they last changed.
    """

    received: int = 0
    written: int = 0
    duplicate: int = 0
    filtered: int = 0
    rejected: int = 0
    expired: int = 0
    failed: int = 0
    time_ns: int = 0

    @property
    def ended(self) -> int:
        """Events whose end is known."""
        return self.written + self.duplicate + self.filtered + self.rejected + self.expired + self.failed

    @property
    def queued(self) -> int:
        """Events that were received and have not ended."""
        return self.received - self.ended

    def __add__(self, more: Totals) -> Totals:
        """The sums; the time of the second, where it has one: a clock that was ahead may be set right in between."""
        sums = {name: getattr(self, name) + getattr(more, name) for name in COUNTERS}
        return Totals(**sums, time_ns=more.time_ns or self.time_ns)

    def since(self, before: Totals) -> Totals:
        """What came since `before`; nothing is negative, where a damaged file made the totals begin anew."""
        change = {name: max(0, getattr(self, name) - getattr(before, name)) for name in COUNTERS}
        return Totals(**change, time_ns=self.time_ns)

    def counters(self) -> dict[Counter, int]:
        """The numbers by their names in service_metrics."""
        return {counter: getattr(self, name) for name, counter in COUNTERS.items()}


COUNTERS = {
    "received": Counter.RECEIVED,
    "written": Counter.PROCESSED,
    "duplicate": Counter.DUPLICATE,
    "filtered": Counter.FILTERED,
    "rejected": Counter.REJECTED,
    "expired": Counter.EXPIRED,
    "failed": Counter.FAILED,
}
"""The counters of service_metrics by the name of their total."""


def ended_by(receipt: Receipt) -> Totals:
    """How the events of a receipt ended, apart from their arrival."""
    return Totals(
        written=receipt.written,
        duplicate=receipt.duplicate,
        filtered=receipt.filtered,
        rejected=len(receipt.rejected),
        expired=receipt.expired,
    )


def totals_view(totals: Totals) -> dict[str, int]:
    """Totals as JSON-ready values, with what is queued: the numbers that add up."""
    return {name: getattr(totals, name) for name in COUNTERS} | {"queued": totals.queued}
