"""What services have reported, answered from rollups where they may be trusted and from the reports for the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import chain
from typing import Any

from ha_ingestor_core.service_metrics import (
    LATENCY_BUCKETS,
    LATENCY_SUM,
    Counter,
    Level,
    latency_quantile,
    success_rate,
)

from ha_ingestor_store import answers
from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.queries.rows import FieldRow
from ha_ingestor_store.influx.reading.parts import bounds, service_parts
from ha_ingestor_store.influx.rollups.progress import NO_PROGRESS, Progress
from ha_ingestor_store.influx.schema import (
    LEVEL_METRICS,
    MAX_TIME_NS,
    MIN_TIME_NS,
    ROLLED_UP_METRICS,
    SERVICE_ROLLUPS,
    SUMMED_METRICS,
)
from ha_ingestor_store.rollup_pieces import grains_within
from ha_ingestor_store.service_levels import NewestReport, service_levels
from ha_ingestor_store.service_windows import service_windows
from ha_ingestor_store.time_range import TimeRange

_METRICS = {name: order for order, name in enumerate((*SUMMED_METRICS, *LEVEL_METRICS))}


async def no_progress() -> Progress:
    """Return that no rollup may be trusted."""
    return NO_PROGRESS


class ServiceReader:
    """The part of `StoreReader` about services; without `progress` it reads reports alone."""

    def __init__(self, database: Database, progress: Callable[[], Awaitable[Progress]] = no_progress) -> None:
        self._database = database
        self.progress = progress

    async def error_rate(self, time_range: TimeRange) -> answers.ErrorRate:
        """Return the write attempts and write errors of all services."""
        names = (Counter.WRITE_ATTEMPTS.value, Counter.WRITE_ERRORS.value)
        sums = await self._database.service_sums(service_parts(time_range, await self.progress()), names, None)
        return answers.ErrorRate(
            total_writes=int(sum(s.get(Counter.WRITE_ATTEMPTS, 0) for s in sums.values())),
            write_errors=int(sum(s.get(Counter.WRITE_ERRORS, 0) for s in sums.values())),
        )

    async def service_statistics(
        self, time_range: TimeRange, service: str | None = None
    ) -> list[answers.ServiceStatistics]:
        """Return every service that reported in the range, by name."""
        parts = service_parts(time_range, await self.progress())
        sums, rows = await asyncio.gather(
            self._database.service_sums(parts, SUMMED_METRICS, service),
            self._database.newest_reports(*bounds(time_range), service),
        )
        newest: dict[str, list[FieldRow]] = {}
        for row in rows:
            newest.setdefault(row.service, []).append(row)
        return [
            await self._service_answer(time_range, name, sums.get(name, {}), newest.get(name, []))
            for name in sorted(sums.keys() | newest.keys())
        ]

    async def service_trend(
        self, service: str, name: str, time_range: TimeRange, window_ns: int
    ) -> list[answers.ServiceTrendPoint]:
        """Return one counter (summed) or level (mean) of a service, in windows that hold any point."""
        if name not in _METRICS:
            return []
        is_summed = name in SUMMED_METRICS
        # The mean of a level is that of its reports: the means of hours can't be added up.
        parts = service_parts(
            time_range, await self.progress(), grains_within(SERVICE_ROLLUPS, window_ns) if is_summed else ()
        )
        values: dict[int, float] = {}
        for time_ns, value in await self._database.service_windows(
            service, name, parts, window_ns, is_summed=is_summed
        ):
            start_ns = time_ns // window_ns * window_ns
            values[start_ns] = values.get(start_ns, 0.0) + value
        return [answers.ServiceTrendPoint(start_ns, values[start_ns]) for start_ns in sorted(values)]

    async def service_windows(
        self, time_range: TimeRange, window_ns: int, service: str | None = None
    ) -> list[answers.ServiceWindow]:
        """Return the windows of each service, or one, by name, then time."""
        parts = service_parts(time_range, await self.progress(), grains_within(SERVICE_ROLLUPS, window_ns))
        found = await asyncio.gather(
            *(self._database.window_sums(part, window_ns, ("service",), ROLLED_UP_METRICS) for part in parts)
        )
        return service_windows(
            ((name, start_ns // window_ns * window_ns), values)
            for start_ns, (name,), values in chain.from_iterable(found)
            if name and service in (None, name)
        )

    async def latest_metrics(self, service: str | None = None, limit: int = 1000) -> list[answers.LatestMetric]:
        """Return the fields of the newest report of every service and instance."""
        rows = _of_newest_reports(await self._database.newest_reports(MIN_TIME_NS, MAX_TIME_NS, service))
        rows.sort(key=lambda row: (row.service, row.instance, _METRICS[row.name]))
        return [
            answers.LatestMetric(
                service=row.service, instance=row.instance, name=row.name, value=row.value, time_ns=row.time_ns
            )
            for row in rows
        ][:limit]

    async def _service_answer(
        self, time_range: TimeRange, service: str, sums: dict[str, float], newest: Sequence[FieldRow]
    ) -> answers.ServiceStatistics:
        counters = {c.value: int(sums.get(c, 0)) for c in Counter}
        buckets = [int(sums.get(name, 0)) for name in LATENCY_BUCKETS]
        rate = success_rate(counters)
        latencies = (
            (sums.get(LATENCY_SUM, 0.0) / buckets[-1], latency_quantile(0.95, buckets)) if buckets[-1] else (None, None)
        )
        mean: dict[str, float] = {}
        if latencies[0] is None or rate is None:
            # All that can be said of a service that writes a level alone, without the counters behind it.
            mean = await self._database.level_means(service, *bounds(time_range))
        # Where retention has taken its reports, only that it reported in the range is known.
        levels = service_levels(_reports(newest) or [NewestReport(time_range.start_ns)])
        return answers.ServiceStatistics(
            service=service,
            counters=counters,
            processing_time_ms=mean.get(Level.PROCESSING_TIME_MS) if latencies[0] is None else latencies[0],
            processing_time_ms_p95=mean.get(Level.PROCESSING_TIME_MS_P95) if latencies[0] is None else latencies[1],
            success_rate=mean.get(Level.SUCCESS_RATE) if rate is None else rate,
            queue_depth=levels.queue_depth,
            lag_s=levels.lag_s,
            last_seen_ns=levels.last_seen_ns,
        )


def _reports(rows: Sequence[FieldRow]) -> list[NewestReport]:
    """The newest report of each instance of a service."""
    found: dict[str, dict[str, Any]] = {}
    for row in _of_newest_reports(rows):
        report = found.setdefault(row.instance, {"time_ns": row.time_ns})
        if row.name in (Level.QUEUE_DEPTH, Level.LAG_S):
            report[row.name] = row.value
    return [NewestReport(**report) for report in found.values()]


def _of_newest_reports(rows: Sequence[FieldRow]) -> list[FieldRow]:
    """Only the fields of each instance's newest report, and only those that we know."""
    newest: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (row.service, row.instance)
        newest[key] = max(row.time_ns, newest.get(key, row.time_ns))
    return [row for row in rows if row.name in _METRICS and row.time_ns == newest[row.service, row.instance]]
