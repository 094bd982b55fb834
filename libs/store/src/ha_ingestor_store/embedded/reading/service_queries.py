"""The SQL that reads service_metrics, from reports or from a rollup."""

from __future__ import annotations

from ha_ingestor_store.embedded.file.schema import (
    LEVEL_METRICS,
    SERVICE_COLUMNS,
    SERVICE_ROLLUPS,
    SUMMED_METRICS,
)
from ha_ingestor_store.embedded.file.sql import floor_division, rolled_up_metrics


def sum_service(grain_ns: int) -> str:
    """Sum the metrics of `:service`, with parameters as in `count_by_group`; no row if it did not report.

    A service is always named: the tables begin with it, so a range of time alone would read the whole table.
    """
    table, column = (SERVICE_ROLLUPS[grain_ns], "bucket") if grain_ns else ("service_metrics", "time_ns")
    sums = ", ".join(f"sum({name})" for name in SUMMED_METRICS)
    return (
        f"SELECT {sums} FROM {table} WHERE service = :service AND {column} >= :start AND {column} < :end "
        "GROUP BY service"
    )


def service_trend(name: str, grain_ns: int) -> str:
    """Sum a metric (a level: its mean) of `:service` by `:window`, in buckets or nanoseconds as `:start` and `:end`."""
    total = f"sum({name})" if name in SUMMED_METRICS else f"avg({name})"
    table, column = (SERVICE_ROLLUPS[grain_ns], "bucket") if grain_ns else ("service_metrics", "time_ns")
    return (
        f"SELECT {floor_division(column, ':window')}, {total} FROM {table} "
        f"WHERE service = :service AND {column} >= :start AND {column} < :end AND {name} IS NOT NULL GROUP BY 1"
    )


def service_windows(grain_ns: int) -> str:
    """Aggregate ROLLED_UP_METRICS of `:service` by `:window`, in buckets or nanoseconds as `:start` and `:end`."""
    table, column = (SERVICE_ROLLUPS[grain_ns], "bucket") if grain_ns else ("service_metrics", "time_ns")
    return (
        f"SELECT {floor_division(column, ':window')}, {rolled_up_metrics()} FROM {table} "
        f"WHERE service = :service AND {column} >= :start AND {column} < :end GROUP BY 1"
    )


def mean_level(name: str) -> str:
    """Compute the mean of a level; values: service, start, end."""
    return f"SELECT avg({name}) FROM service_metrics WHERE service = ? AND time_ns >= ? AND time_ns < ?"


def newest_service_point() -> str:
    """Select the newest report of an instance: its time, then every metric; values: service, instance."""
    return (
        f"SELECT time_ns, {', '.join((*SUMMED_METRICS, *LEVEL_METRICS))} FROM service_metrics "
        "WHERE service = ? AND instance = ? ORDER BY time_ns DESC LIMIT 1"
    )


def newest_levels() -> str:
    """Select levels by instance, oldest first, up to `:back_ns` before the newest report of `:service` in a range."""
    return (
        "SELECT instance, time_ns, queue_depth, lag_s FROM service_metrics WHERE service = :service "
        "AND time_ns >= max(:start_ns, (SELECT max(time_ns) FROM service_metrics WHERE service = :service "
        "AND time_ns < :end_ns) - :back_ns) AND time_ns < :end_ns ORDER BY time_ns"
    )


def service_points() -> str:
    """Select the reports of a service with every metric; values: service, after, up to."""
    return (
        f"SELECT {', '.join(SERVICE_COLUMNS)} FROM service_metrics WHERE service = ? AND time_ns > ? AND time_ns <= ?"
    )
