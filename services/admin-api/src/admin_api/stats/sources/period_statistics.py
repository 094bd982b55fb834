"""What can be known of a period, whichever source is asked; None is unknown, never 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ha_ingestor_store.answers import Coverage, LatestMetric, ServiceStatistics, ServiceWindow
from ha_ingestor_store.periods import TimeRange
from msgspec import Struct

from admin_api.stats.sources.heartbeats import Presence


class WindowCount(Struct, frozen=True):
    """The events of the window that starts at `start_ns`; None where nobody remembers it."""

    start_ns: int
    count: int | None


class WindowValue(Struct, frozen=True):
    """The sum of a counter, or the mean of a level, in the window that starts at `start_ns`."""

    start_ns: int
    value: float | None


class Facts(Struct, frozen=True):
    """A period: stored events, how the services did, and which of them did not say (by name, with the reason)."""

    coverage: Coverage
    total_events: int | None
    events_per_minute: float | None
    services: list[ServiceStatistics]
    trend: list[WindowCount] = []
    unknown: dict[str, str] = {}


class StatisticsSource(Protocol):
    """Somebody who can be asked for statistics. All raise what StoreReader raises."""

    async def facts(self, time_range: TimeRange, service: str | None = None, window_ns: int | None = None) -> Facts:
        """A period, with one service or all; a trend only where windows are asked for."""
        ...

    async def series(self, name: str, service: str | None, time_range: TimeRange, window_ns: int) -> list[WindowValue]:
        """One field of service_metrics over time; a counter of all services where none is named."""
        ...

    async def presence(self, services: Sequence[str], time_range: TimeRange, interval_ns: int) -> dict[str, Presence]:
        """When each of these services reported; one that is missing has never done so, as far as is known."""
        ...

    async def service_windows(
        self, time_range: TimeRange, window_ns: int, service: str | None = None
    ) -> list[ServiceWindow]:
        """Every service, or one, in each window that holds any of its reports; by name and time."""
        ...

    async def service_names(self) -> list[str]:
        """Every service that has ever reported, as far as is known."""
        ...

    async def latest(self, service: str | None, limit: int) -> list[LatestMetric]:
        """The fields of the newest report of every service and instance."""
        ...
