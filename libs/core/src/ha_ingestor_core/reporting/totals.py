"""Totals of a service since its first start: received events, and their outcomes."""

from __future__ import annotations

from msgspec import Struct

from ha_ingestor_core.delivery import Receipt
from ha_ingestor_core.service_metrics import Counter


class Totals(Struct, frozen=True):
    """received = written + duplicate + filtered + rejected + expired + failed + queued.

    `time_ns` is the time of the last change.
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
        """Return the number of events with an outcome."""
        return self.written + self.duplicate + self.filtered + self.rejected + self.expired + self.failed

    @property
    def queued(self) -> int:
        """Return the number of received events without an outcome."""
        return self.received - self.ended

    def __add__(self, more: Totals) -> Totals:
        """Return the sums, with the time of the second where it has one: the clock may have been set back."""
        sums = {name: getattr(self, name) + getattr(more, name) for name in COUNTERS}
        return Totals(**sums, time_ns=more.time_ns or self.time_ns)

    def since(self, before: Totals) -> Totals:
        """Return the difference to `before`; never negative, since totals restart at 0 after a damaged file."""
        change = {name: max(0, getattr(self, name) - getattr(before, name)) for name in COUNTERS}
        return Totals(**change, time_ns=self.time_ns)

    def counters(self) -> dict[Counter, int]:
        """Return the totals by their names in service_metrics."""
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
    """Return the outcomes of a receipt as totals, without `received`."""
    return Totals(
        written=receipt.written,
        duplicate=receipt.duplicate,
        filtered=receipt.filtered,
        rejected=len(receipt.rejected),
        expired=receipt.expired,
    )


def totals_view(totals: Totals) -> dict[str, int]:
    """Return the totals as JSON-ready values, with the queued events."""
    return {name: getattr(totals, name) for name in COUNTERS} | {"queued": totals.queued}
