"""The levels of a service, from the newest reports of the instances that still report."""

from __future__ import annotations

from collections.abc import Sequence

from ha_ingestor_core.clock import NS_PER_S
from msgspec import Struct

REPORTING_NS = 30 * NS_PER_S
"""Three intervals: an instance that is further behind the newest report of its service has ended."""


class NewestReport(Struct, frozen=True):
    """The newest report of one instance; None is a level that was not reported."""

    time_ns: int
    queue_depth: float | None = None
    lag_s: float | None = None


class ServiceLevels(Struct, frozen=True):
    """Levels over all instances: the sum of their queues, and the largest lag."""

    last_seen_ns: int
    queue_depth: float | None
    lag_s: float | None


def service_levels(newest: Sequence[NewestReport]) -> ServiceLevels:
    """Return the levels of a service from the newest reports of its instances, at least one."""
    last_seen_ns = max(report.time_ns for report in newest)
    reporting = [report for report in newest if report.time_ns >= last_seen_ns - REPORTING_NS]
    queues = [report.queue_depth for report in reporting if report.queue_depth is not None]
    lags = [report.lag_s for report in reporting if report.lag_s is not None]
    return ServiceLevels(last_seen_ns, sum(queues) if queues else None, max(lags, default=None))
