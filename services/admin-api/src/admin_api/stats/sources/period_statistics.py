"""The interface of the sources of statistics; None is unknown, never 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ha_ingestor_store.answers import Coverage, LatestMetric, ServiceStatistics, ServiceWindow
from ha_ingestor_store.time_range import TimeRange
from msgspec import Struct

from admin_api.stats.sources.heartbeats import Presence


class WindowCount(Struct, frozen=True):
    """The events of the window that starts at `start_ns`; None if unknown."""

    start_ns: int
    count: int | None


class WindowValue(Struct, frozen=True):
    """The sum of a counter, or the mean of a level, in the window that starts at `start_ns`."""

    start_ns: int
    value: float | None


class Facts(Struct, frozen=True):
    """Statistics of a period; `unknown` has the services that did not answer, with the reason."""

    coverage: Coverage
    total_events: int | None
    events_per_minute: float | None
    services: list[ServiceStatistics]
    trend: list[WindowCount] = []
    unknown: dict[str, str] = {}


class StatisticsSource(Protocol):
    """A source of statistics. All methods raise the errors of StoreReader."""

    async def facts(self, time_range: TimeRange, service: str | None = None, window_ns: int | None = None) -> Facts:
        """Return the facts of a period, with one service or all; a trend only with `window_ns`."""
        ...

    async def series(self, name: str, service: str | None, time_range: TimeRange, window_ns: int) -> list[WindowValue]:
        """Return a field of service_metrics by window, of a service or summed over all."""
        ...

    async def presence(self, services: Sequence[str], time_range: TimeRange, interval_ns: int) -> dict[str, Presence]:
        """Return when each of these services reported; services that never reported are missing."""
        ...

    async def service_windows(
        self, time_range: TimeRange, window_ns: int, service: str | None = None
    ) -> list[ServiceWindow]:
        """Return the windows with reports of each service, or of one, sorted by name and time."""
        ...

    async def service_names(self) -> list[str]:
        """Return the names of all services known to the source."""
        ...

    async def latest(self, service: str | None, limit: int) -> list[LatestMetric]:
        """Return the fields of the newest report of every service and instance."""
        ...
