"""Statistics of services: sums from rollups and raw edges, ratios and percentiles from those sums."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from ha_ingestor_core.service_metrics import (
    LATENCY_BUCKETS,
    LATENCY_SUM,
    Counter,
    Level,
    latency_quantile,
    success_rate,
)

from ha_ingestor_store import answers
from ha_ingestor_store.embedded.file.meta import SERVICE_METRICS_FROM, value_of
from ha_ingestor_store.embedded.file.schema import LEVEL_METRICS, ROLLED_UP_METRICS, SERVICE_ROLLUPS, SUMMED_METRICS
from ha_ingestor_store.embedded.reading import service_queries
from ha_ingestor_store.embedded.reading.event_counts import bounds
from ha_ingestor_store.rollup_pieces import grains_within, plan_pieces
from ha_ingestor_store.service_levels import REPORTING_NS, NewestReport, service_levels
from ha_ingestor_store.service_windows import service_windows as service_windows_of
from ha_ingestor_store.time_range import HOUR_NS, TimeRange


def error_rate(db: sqlite3.Connection, time_range: TimeRange) -> answers.ErrorRate:
    """Return the write attempts and write errors of all services."""
    sums = _service_sums(db, time_range, None).values()
    return answers.ErrorRate(
        total_writes=int(sum(s[Counter.WRITE_ATTEMPTS] for s in sums)),
        write_errors=int(sum(s[Counter.WRITE_ERRORS] for s in sums)),
    )


def service_statistics(
    db: sqlite3.Connection, time_range: TimeRange, service: str | None = None
) -> list[answers.ServiceStatistics]:
    """Return every service that reported in the range, by name."""
    return [
        _service_answer(db, time_range, name, sums)
        for name, sums in sorted(_service_sums(db, time_range, service).items())
    ]


def service_trend(
    db: sqlite3.Connection, service: str, name: str, time_range: TimeRange, window_ns: int
) -> list[answers.ServiceTrendPoint]:
    """Return one counter (as sum) or level (as mean) of a service, in the windows that contain a point."""
    if name not in SUMMED_METRICS and name not in LEVEL_METRICS:
        return []
    # The mean of a level needs its reports: means of hours cannot be added.
    grains = grains_within(SERVICE_ROLLUPS, window_ns) if name in SUMMED_METRICS else ()
    values: dict[int, float] = {}
    for piece in plan_pieces(_in_kept_hours(db, time_range) if grains else time_range, grains):
        parameters = bounds(piece) | {"service": service, "window": window_ns // (piece.grain_ns or 1)}
        for number, value in db.execute(service_queries.service_trend(name, piece.grain_ns), parameters):
            values[number] = values.get(number, 0.0) + value
    return [answers.ServiceTrendPoint(start_ns=number * window_ns, value=values[number]) for number in sorted(values)]


def service_windows(
    db: sqlite3.Connection, time_range: TimeRange, window_ns: int, service: str | None = None
) -> list[answers.ServiceWindow]:
    """Return the windows of each service, or one, by name, then time."""
    pieces = plan_pieces(_in_kept_hours(db, time_range), grains_within(SERVICE_ROLLUPS, window_ns))
    return service_windows_of(
        (
            (name, number * window_ns),
            {metric: value for metric, value in zip(ROLLED_UP_METRICS, values, strict=True) if value is not None},
        )
        for name in ([service] if service is not None else list(services(db)))
        for piece in pieces
        for number, *values in db.execute(
            service_queries.service_windows(piece.grain_ns),
            bounds(piece) | {"service": name, "window": window_ns // (piece.grain_ns or 1)},
        )
    )


def latest_metrics(db: sqlite3.Connection, service: str | None = None, limit: int = 1000) -> list[answers.LatestMetric]:
    """Return the fields of the newest report of every service and instance."""
    names = (*SUMMED_METRICS, *LEVEL_METRICS)
    return [
        answers.LatestMetric(service=reporter, instance=instance, name=name, value=float(value), time_ns=time_ns)
        for reporter in ([service] if service is not None else services(db))
        for instance in _distinct(db, "instance", "service = ?", reporter)
        for time_ns, *values in db.execute(service_queries.newest_service_point(), (reporter, instance))
        for name, value in zip(names, values, strict=True)
        if value is not None
    ][:limit]


def services(db: sqlite3.Connection) -> Iterator[str]:
    """Yield the names of all services, in order."""
    yield from sorted({*_distinct(db, "service", "true"), *_distinct(db, "service", "true", table="service_days")})


def _distinct(
    db: sqlite3.Connection, column: str, condition: str, *values: str, table: str = "service_metrics"
) -> Iterator[str]:
    """Yield the values of a column, with one seek in the index for each: DISTINCT would read every row."""
    query = f"SELECT min({column}) FROM {table} WHERE {condition}"
    (found,) = db.execute(query, values).fetchone()
    while found is not None:
        yield found
        (found,) = db.execute(f"{query} AND {column} > ?", (*values, found)).fetchone()


def _service_sums(db: sqlite3.Connection, time_range: TimeRange, service: str | None) -> dict[str, dict[str, float]]:
    """Return sums by service and metric; a service that reported no counter has zeros."""
    sums: dict[str, dict[str, float]] = {}
    pieces = plan_pieces(_in_kept_hours(db, time_range), tuple(SERVICE_ROLLUPS))
    for name in [service] if service is not None else services(db):
        for piece in pieces:
            for values in db.execute(service_queries.sum_service(piece.grain_ns), bounds(piece) | {"service": name}):
                of_service = sums.setdefault(name, dict.fromkeys(SUMMED_METRICS, 0))
                for metric, value in zip(SUMMED_METRICS, values, strict=True):
                    of_service[metric] += value or 0
    return sums


def _in_kept_hours(db: sqlite3.Connection, time_range: TimeRange) -> TimeRange:
    """Return the range, widened to whole hours where only those are kept."""
    reports_from = value_of(db, SERVICE_METRICS_FROM) or 0
    start_ns, end_ns = time_range.start_ns, time_range.end_ns
    if start_ns < reports_from:
        start_ns = start_ns // HOUR_NS * HOUR_NS
    if end_ns < reports_from:
        end_ns = -(-end_ns // HOUR_NS) * HOUR_NS
    return TimeRange(start_ns, end_ns)


def _service_answer(
    db: sqlite3.Connection, time_range: TimeRange, service: str, sums: dict[str, float]
) -> answers.ServiceStatistics:
    counters = {c.value: int(sums[c]) for c in Counter}
    buckets = [int(sums[name]) for name in LATENCY_BUCKETS]
    levels = service_levels(_newest_reports(db, time_range, service))
    return answers.ServiceStatistics(
        service=service,
        counters=counters,
        processing_time_ms=sums[LATENCY_SUM] / buckets[-1]
        if buckets[-1]
        else _mean_level(db, time_range, service, Level.PROCESSING_TIME_MS),
        processing_time_ms_p95=latency_quantile(0.95, buckets)
        if buckets[-1]
        else _mean_level(db, time_range, service, Level.PROCESSING_TIME_MS_P95),
        success_rate=rate
        if (rate := success_rate(counters)) is not None
        else _mean_level(db, time_range, service, Level.SUCCESS_RATE),
        last_seen_ns=levels.last_seen_ns,
        queue_depth=levels.queue_depth,
        lag_s=levels.lag_s,
    )


def _newest_reports(db: sqlite3.Connection, time_range: TimeRange, service: str) -> list[NewestReport]:
    """Return the newest report of each instance that still reports; the service must have a report in the range."""
    values = {"service": service, "start_ns": time_range.start_ns, "end_ns": time_range.end_ns, "back_ns": REPORTING_NS}
    rows = db.execute(service_queries.newest_levels(), values)
    newest = list({instance: NewestReport(*report) for instance, *report in rows}.values())
    return newest or [NewestReport(_newest_hour(db, time_range, service))]


def _newest_hour(db: sqlite3.Connection, time_range: TimeRange, service: str) -> int:
    """Return the start of the newest hour of a service, of which only hours are kept."""
    hours = (time_range.start_ns // HOUR_NS, -(-time_range.end_ns // HOUR_NS))
    query = f"SELECT max(bucket) FROM {SERVICE_ROLLUPS[HOUR_NS]} WHERE service = ? AND bucket >= ? AND bucket < ?"
    hour: int = db.execute(query, (service, *hours)).fetchone()[0]
    return max(time_range.start_ns, hour * HOUR_NS)


def _mean_level(db: sqlite3.Connection, time_range: TimeRange, service: str, level: Level) -> float | None:
    """Return the mean of a level of a service that does not report the counters behind it."""
    mean: float | None = db.execute(
        service_queries.mean_level(level.value), (service, time_range.start_ns, time_range.end_ns)
    ).fetchone()[0]
    return mean
