"""The reports of a service of the last day, in memory, for queries while the store is unavailable.

The last hour has every report, the time before one per minute: about 1,800 points, 1 MB.
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
    """All reports of a service since `since_ns`, oldest first, and the counters of each instance since its last one.

    A missing counter of a point is 0.
    """

    service: str
    since_ns: int
    points: list[ServiceMetricsPoint]
    unreported: list[ServiceMetricsPoint]


def joined_reports(parts: Sequence[Reports]) -> Reports:
    """Return the reports of all instances of a service; at least one is required."""
    return Reports(
        service=parts[0].service,
        since_ns=max(part.since_ns for part in parts),
        points=sorted((point for part in parts for point in part.points), key=lambda point: point.time_ns),
        unreported=[point for part in parts for point in part.unreported],
    )


class ServiceReports(Protocol):
    """Returns the reports that a service holds in memory."""

    async def reports(self, start_ns: int) -> Reports:
        """Return the reports since `start_ns`, as far as the service holds them."""
        ...


class ReportMemory:
    """A bounded list of reports; none is missing since `since_ns`."""

    def __init__(self, since_ns: int, *, whole_reports: int = WHOLE_REPORTS, minutes: int = MINUTES) -> None:
        self.since_ns = since_ns
        self._whole: deque[ServiceMetricsPoint] = deque()
        self._minutes: deque[ServiceMetricsPoint] = deque()
        self._whole_reports = whole_reports
        self._most_minutes = minutes

    def add(self, point: ServiceMetricsPoint) -> None:
        """Add a report; the oldest is dropped where there are too many."""
        self.since_ns = min(self.since_ns, point.time_ns)  # a report of an earlier process
        self._whole.append(_without_zeros(point))
        if len(self._whole) > self._whole_reports:
            self._keep_as_minute(self._whole.popleft())

    def since(self, start_ns: int) -> list[ServiceMetricsPoint]:
        """Return the reports since a time, oldest first."""
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
