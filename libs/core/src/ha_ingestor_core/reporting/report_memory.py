"""What a service remembers of its own reports: a day of them, so that it can answer while the store is down.

The last hour is kept report by report, what is older minute by minute: about 1,800 points, a megabyte.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.service_metrics import ServiceMetricsPoint, sum_of_points

WHOLE_REPORTS = 360
"""An hour of reports every ten seconds."""
MINUTES = 24 * 60
_MINUTE_NS = 60 * NS_PER_S


class Reports(Struct, frozen=True):
    """Every report of a service since `since_ns`, oldest first, and what each instance has counted since its last.

    In a point, a counter that is missing is 0.
    """

    service: str
    since_ns: int
    points: list[ServiceMetricsPoint]
    unreported: list[ServiceMetricsPoint]


def joined_reports(parts: Sequence[Reports]) -> Reports:
    """The reports of a service whose instances remember for themselves, one at least."""
    return Reports(
        service=parts[0].service,
        since_ns=max(part.since_ns for part in parts),
        points=sorted((point for part in parts for point in part.points), key=lambda point: point.time_ns),
        unreported=[point for part in parts for point in part.unreported],
    )


class ServiceReports(Protocol):
    """The seam through which the Admin API asks a service for what the store can't tell now."""

    async def reports(self, start_ns: int) -> Reports:
        """The reports from `start_ns` on, as far as the service remembers."""
        ...


class ReportMemory:
    """A ring of reports; `since_ns` is the time from which on none is missing."""

    def __init__(self, since_ns: int, *, whole_reports: int = WHOLE_REPORTS, minutes: int = MINUTES) -> None:
        self.since_ns = since_ns
        self._whole: deque[ServiceMetricsPoint] = deque()
        self._minutes: deque[ServiceMetricsPoint] = deque()
        self._whole_reports = whole_reports
        self._most_minutes = minutes

    def add(self, point: ServiceMetricsPoint) -> None:
        """Remember a report, and forget the oldest where there are too many."""
        self.since_ns = min(self.since_ns, point.time_ns)  # one that an earlier process left
        self._whole.append(_without_zeros(point))
        if len(self._whole) > self._whole_reports:
            self._keep_as_minute(self._whole.popleft())

    def since(self, start_ns: int) -> list[ServiceMetricsPoint]:
        """The reports from a time on, oldest first."""
        return [point for points in (self._minutes, self._whole) for point in points if point.time_ns >= start_ns]

    def _keep_as_minute(self, point: ServiceMetricsPoint) -> None:
        newest = self._minutes[-1] if self._minutes else None
        if newest is not None and newest.time_ns // _MINUTE_NS == point.time_ns // _MINUTE_NS:
            self._minutes[-1] = sum_of_points(newest, point)
            return
        self._minutes.append(point)
        if len(self._minutes) > self._most_minutes:
            self.since_ns = self._minutes.popleft().time_ns + 1


def _without_zeros(point: ServiceMetricsPoint) -> ServiceMetricsPoint:
    return ServiceMetricsPoint(
        service=point.service,
        time_ns=point.time_ns,
        instance=point.instance,
        counters={name: count for name, count in point.counters.items() if count},
        levels=point.levels,
    )
