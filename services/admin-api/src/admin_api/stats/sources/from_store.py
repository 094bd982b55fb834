"""Statistics from the store."""

from __future__ import annotations

import asyncio
import collections
import itertools
from collections import defaultdict
from collections.abc import Sequence

from ha_ingestor_core.service_metrics import Counter
from ha_ingestor_store.answers import Coverage, LatestMetric, ServiceWindow, TrendPoint
from ha_ingestor_store.store import StoreReader
from ha_ingestor_store.time_range import DAY_NS, TimeRange

from admin_api.stats.sources.from_services import WRITER
from admin_api.stats.sources.heartbeats import Presence
from admin_api.stats.sources.period_statistics import Facts, WindowCount, WindowValue
from admin_api.stats.sources.rates import events_per_minute

_MOST_METRICS = 100_000
_LOOK_BACK_NS = 365 * DAY_NS
"""A longer range opens every shard of InfluxDB 1."""


class StoreStatistics:
    """`StatisticsSource` over the store."""

    def __init__(self, reader: StoreReader) -> None:
        self._reader = reader

    async def facts(self, time_range: TimeRange, service: str | None = None, window_ns: int | None = None) -> Facts:
        """Return counts, services and trend of a period."""
        if window_ns is None:
            trend: list[TrendPoint] = []
            events, services = await asyncio.gather(
                self._reader.event_count(time_range), self._reader.service_statistics(time_range, service)
            )
            total = events.total
        else:
            events, trend, services = await asyncio.gather(
                self._reader.event_count(time_range),
                self._reader.event_trend(time_range, window_ns),
                self._reader.service_statistics(time_range, service),
            )
            # The sum of the trend: a separate query could include a later write.
            total = sum(point.count for point in trend)
        return Facts(
            coverage=events.coverage,
            total_events=total,
            events_per_minute=await events_per_minute(self._reader, time_range, events),
            services=services,
            trend=[
                WindowCount(point.start_ns, _known_count(point, window_ns or 0, events.coverage)) for point in trend
            ],
        )

    async def series(self, name: str, service: str | None, time_range: TimeRange, window_ns: int) -> list[WindowValue]:
        """Return a metric by window, of a service or summed over all."""
        services = [service] if service else [s.service for s in await self._reader.service_statistics(time_range)]
        found = await asyncio.gather(
            *(self._reader.service_trend(each, name, time_range, window_ns) for each in services)
        )
        values: defaultdict[int, float] = defaultdict(float)
        for points in found:
            for point in points:
                values[point.start_ns] += point.value
        return [WindowValue(start_ns, value) for start_ns, value in sorted(values.items())]

    async def presence(self, services: Sequence[str], time_range: TimeRange, interval_ns: int) -> dict[str, Presence]:
        """Return when each service reported."""
        found = await asyncio.gather(*(self._presence(service, time_range, interval_ns) for service in services))
        return dict(zip(services, found, strict=True))

    async def _presence(self, service: str, time_range: TimeRange, interval_ns: int) -> Presence:
        """Return when a service reported: its trend of failures has a window for every interval with a report."""
        names = (Counter.FAILED, Counter.WRITE_ERRORS) if service == WRITER else (Counter.FAILED,)
        trends = await asyncio.gather(
            *(self._reader.service_trend(service, name, time_range, interval_ns) for name in names)
        )
        reported: collections.Counter[int] = collections.Counter()
        for point in itertools.chain(*trends):
            reported[point.start_ns] += round(point.value)
        first_whole = -(-time_range.start_ns // interval_ns) * interval_ns
        return Presence(reported, first_whole in reported or await self._reported_before(service, time_range.start_ns))

    async def _reported_before(self, service: str, moment_ns: int) -> bool:
        before = TimeRange(moment_ns - _LOOK_BACK_NS, moment_ns)
        return bool(await self._reader.service_trend(service, Counter.RECEIVED, before, DAY_NS))

    async def service_windows(
        self, time_range: TimeRange, window_ns: int, service: str | None = None
    ) -> list[ServiceWindow]:
        """Return the windows of each service, or of one, sorted by name and time."""
        return await self._reader.service_windows(time_range, window_ns, service)

    async def service_names(self) -> list[str]:
        """Return the names of all services that have ever reported."""
        return sorted({metric.service for metric in await self._reader.latest_metrics(limit=_MOST_METRICS)})

    async def latest(self, service: str | None, limit: int) -> list[LatestMetric]:
        """Return the fields of the newest reports."""
        return await self._reader.latest_metrics(service, limit)


def _known_count(point: TrendPoint, window_ns: int, coverage: Coverage) -> int | None:
    """Return the events of a window; None if it ended before the capture began."""
    is_captured = coverage.start_ns is not None and point.start_ns + window_ns > coverage.start_ns
    return point.count if point.count or is_captured else None
