"""Statistics from reports in memory: pure functions with the same results as the store."""

from __future__ import annotations

import collections
from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.reporting.report_memory import Reports
from ha_ingestor_core.reporting.service_reporter import REPORTING_INTERVAL_S
from ha_ingestor_core.reporting.transfer_rate import Transfers
from ha_ingestor_core.service_metrics import (
    LATENCY_BUCKETS,
    LATENCY_SUM,
    Counter,
    Level,
    ServiceMetricsPoint,
    latency_quantile,
    success_rate,
)
from ha_ingestor_store.answers import Coverage, LatestMetric, ServiceStatistics, ServiceWindow
from ha_ingestor_store.service_levels import NewestReport, service_levels
from ha_ingestor_store.service_windows import HIGHEST_LEVELS
from ha_ingestor_store.service_windows import service_windows as windows_of_services
from ha_ingestor_store.time_range import TimeRange, window_starts

from admin_api.stats.sources.heartbeats import Presence
from admin_api.stats.sources.period_statistics import WindowCount, WindowValue
from admin_api.stats.sources.rates import covered_range, rate_minutes

_REPORT_NS = round(REPORTING_INTERVAL_S * NS_PER_S)
_SUMMED = frozenset({*Counter, *LATENCY_BUCKETS, LATENCY_SUM})
_ROLLED_UP = _SUMMED | {*HIGHEST_LEVELS}


def service_statistics(reports: Reports, time_range: TimeRange) -> ServiceStatistics | None:
    """Return the statistics of a service over a period; None without a report in it."""
    points = _within(reports.points, time_range)
    if not points:
        return None
    sums: defaultdict[str, float] = defaultdict(float)
    for point in points:
        for name, value in (*point.counters.items(), *point.levels.items()):
            if name in _SUMMED:
                sums[name] += value
    counters = {counter.value: int(sums[counter]) for counter in Counter}
    buckets = [int(sums[name]) for name in LATENCY_BUCKETS]
    levels = service_levels(
        [
            NewestReport(point.time_ns, point.levels.get(Level.QUEUE_DEPTH), point.levels.get(Level.LAG_S))
            for point in _newest_by_instance(points).values()
        ]
    )
    return ServiceStatistics(
        service=reports.service,
        counters=counters,
        processing_time_ms=sums[LATENCY_SUM] / buckets[-1] if buckets[-1] else None,
        processing_time_ms_p95=latency_quantile(0.95, buckets),
        success_rate=success_rate(counters),
        queue_depth=levels.queue_depth,
        lag_s=levels.lag_s,
        last_seen_ns=levels.last_seen_ns,
    )


def transfers(reports: Reports, time_range: TimeRange) -> Transfers:
    """Return rate and latencies of what a service received in a period, including the current interval."""
    points = _with_unreported(reports, time_range)
    buckets = [sum(point.counters.get(name, 0) for point in points) for name in LATENCY_BUCKETS]
    received = sum(point.counters.get(Counter.RECEIVED, 0) for point in points)
    minutes = rate_minutes(covered_range(time_range, coverage(reports, time_range)))
    return Transfers(received / minutes, latency_quantile(0.5, buckets), latency_quantile(0.95, buckets))


def coverage(reports: Reports, time_range: TimeRange) -> Coverage:
    """Return the part of a period that the service remembers."""
    is_complete = reports.since_ns <= time_range.start_ns
    return Coverage(time_range.start_ns if is_complete else min(reports.since_ns, time_range.end_ns), is_complete)


def stored_events(reports: Reports, time_range: TimeRange) -> int:
    """Return the events written in a period, including the current interval."""
    return sum(point.counters.get(Counter.PROCESSED, 0) for point in _with_unreported(reports, time_range))


def stored_trend(reports: Reports, time_range: TimeRange, window_ns: int) -> list[WindowCount]:
    """Return the events written by window; None in windows before the memory of the service."""
    counts: dict[int, int | None] = {
        start: 0 if start + window_ns > reports.since_ns else None for start in window_starts(time_range, window_ns)
    }
    for point in _with_unreported(reports, time_range):
        start = point.time_ns // window_ns * window_ns
        counts[start] = (counts.get(start) or 0) + point.counters.get(Counter.PROCESSED, 0)
    return [WindowCount(start, count) for start, count in sorted(counts.items())]


def series(reports: Iterable[Reports], name: str, time_range: TimeRange, window_ns: int) -> list[WindowValue]:
    """Return the sums of a counter, or the means of a level, by window with reports."""
    values: defaultdict[int, list[float]] = defaultdict(list)
    for each in reports:
        for point in _within(each.points, time_range):
            value = point.counters.get(name, 0) if name in _SUMMED else point.levels.get(name)
            if value is not None:
                values[point.time_ns // window_ns * window_ns].append(value)
    return [
        WindowValue(start, float(sum(found)) if name in _SUMMED else sum(found) / len(found))
        for start, found in sorted(values.items())
    ]


def presence(reports: Reports, time_range: TimeRange, interval_ns: int) -> Presence:
    """Return when a service reported, as far as its memory goes back."""
    reported: collections.Counter[int] = collections.Counter()
    for point in _within(reports.points, time_range):
        failed = point.counters.get(Counter.FAILED, 0) + point.counters.get(Counter.WRITE_ERRORS, 0)
        reported[point.time_ns // interval_ns * interval_ns] += failed
    return Presence(reported, reported_before=reports.since_ns <= time_range.start_ns)


def service_windows(reports: Iterable[Reports], time_range: TimeRange, window_ns: int) -> list[ServiceWindow]:
    """Return the services by window with reports."""
    return windows_of_services(
        (
            (each.service, point.time_ns // window_ns * window_ns),
            {name: value for name, value in {**point.counters, **point.levels}.items() if name in _ROLLED_UP},
        )
        for each in reports
        for point in _within(each.points, time_range)
    )


def latest(reports: Iterable[Reports], limit: int) -> list[LatestMetric]:
    """Return the fields of the newest report of each instance, sorted by service and name."""
    return [
        LatestMetric(newest.service, newest.instance, name, float(value), newest.time_ns)
        for each in reports
        for newest in _newest_by_instance(each.points).values()
        for name, value in sorted((dict.fromkeys(_SUMMED - {LATENCY_SUM}, 0) | newest.counters | newest.levels).items())
    ][:limit]


def _within(points: Sequence[ServiceMetricsPoint], time_range: TimeRange) -> list[ServiceMetricsPoint]:
    return [point for point in points if time_range.start_ns <= point.time_ns < time_range.end_ns]


def _with_unreported(reports: Reports, time_range: TimeRange) -> list[ServiceMetricsPoint]:
    """Return the reports of a period with the current, unreported interval.

    The unreported point also counts if its time is up to one interval after the end, as the clock of the service may
    be ahead of ours.
    """
    last_ns = time_range.end_ns - 1
    now = [
        msgspec.structs.replace(point, time_ns=min(point.time_ns, last_ns))
        for point in reports.unreported
        if point.time_ns - time_range.end_ns < _REPORT_NS
    ]
    return _within([*reports.points, *now], time_range)


def _newest_by_instance(points: Sequence[ServiceMetricsPoint]) -> dict[str, ServiceMetricsPoint]:
    return {point.instance: point for point in points}
