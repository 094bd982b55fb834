"""Statistics from the store."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from ha_ingestor_store.answers import Coverage, LatestMetric, TrendPoint
from ha_ingestor_store.periods import TimeRange
from ha_ingestor_store.store import StoreReader

from admin_api.facts import Facts, WindowCount, WindowValue
from admin_api.rates import events_per_minute

_MOST_METRICS = 100_000


class StoreStatistics:
    """`StatisticsSource` over the store's questions."""

    def __init__(self, reader: StoreReader) -> None:
        self._reader = reader

    async def facts(self, time_range: TimeRange, service: str | None = None, window_ns: int | None = None) -> Facts:
        """See StatisticsSource.facts."""
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
            # The sum of what else the answer holds: asked for by itself, it could be a write ahead of it.
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
        """See StatisticsSource.series."""
        services = [service] if service else [s.service for s in await self._reader.service_statistics(time_range)]
        found = await asyncio.gather(
            *(self._reader.service_trend(each, name, time_range, window_ns) for each in services)
        )
        values: defaultdict[int, float] = defaultdict(float)
        for points in found:
            for point in points:
                values[point.start_ns] += point.value
        return [WindowValue(start_ns, value) for start_ns, value in sorted(values.items())]

    async def service_names(self) -> list[str]:
        """See StatisticsSource.service_names."""
        return sorted({metric.service for metric in await self._reader.latest_metrics(limit=_MOST_METRICS)})

    async def latest(self, service: str | None, limit: int) -> list[LatestMetric]:
        """See StatisticsSource.latest."""
        return await self._reader.latest_metrics(service, limit)


def _known_count(point: TrendPoint, window_ns: int, coverage: Coverage) -> int | None:
    """Return the events of a window; None, not 0, for one that ended before anything was captured."""
    is_captured = coverage.start_ns is not None and point.start_ns + window_ns > coverage.start_ns
    return point.count if point.count or is_captured else None
