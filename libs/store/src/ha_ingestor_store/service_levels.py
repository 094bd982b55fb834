"""The levels of a service: what its instances that still report said last."""

from __future__ import annotations

from collections.abc import Sequence

from ha_ingestor_core.clock import NS_PER_S
from msgspec import Struct

REPORTING_NS = 30 * NS_PER_S
"""Three intervals: an instance whose newest report is older than its service's newest by more has ended."""


class NewestReport(Struct, frozen=True):
    """The newest report of one instance; None is a level that it did not report."""

    time_ns: int
    queue_depth: float | None = None
    lag_s: float | None = None


class ServiceLevels(Struct, frozen=True):
    """Of all instances: the sum of their queues, and the lag of the one that is furthest behind."""

    last_seen_ns: int
    queue_depth: float | None
    lag_s: float | None


def service_levels(newest: Sequence[NewestReport]) -> ServiceLevels:
    """The levels of a service by the newest reports of its instances, one at least."""
    last_seen_ns = max(report.time_ns for report in newest)
    reporting = [report for report in newest if report.time_ns >= last_seen_ns - REPORTING_NS]
    queues = [report.queue_depth for report in reporting if report.queue_depth is not None]
    lags = [report.lag_s for report in reporting if report.lag_s is not None]
    return ServiceLevels(last_seen_ns, sum(queues) if queues else None, max(lags, default=None))
