"""Reads everything, oldest first, for a copy: a page contains all points of its last time."""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterable
from itertools import islice
from typing import Any

from ha_ingestor_core.service_metrics import LATENCY_SUM, ServiceMetricsPoint

from ha_ingestor_store.embedded.file.meta import SERVICE_METRICS_FROM, value_of
from ha_ingestor_store.embedded.file.schema import LEVEL_METRICS, SERVICE_ROLLUPS, SUMMED_METRICS
from ha_ingestor_store.embedded.reading import event_queries, service_queries
from ha_ingestor_store.embedded.reading.event_rows import event_point, observation
from ha_ingestor_store.embedded.reading.service_metrics import services
from ha_ingestor_store.points import (
    EventPoint,
    WeatherObservation,
    oldest_first,
    weather_oldest_first,
)
from ha_ingestor_store.time_range import HOUR_NS

_BEFORE_ALL_NS = -(2**63)
_AFTER_ALL_NS = 2**63 - 1


def export_events(db: sqlite3.Connection, after_ns: int | None, limit: int) -> list[EventPoint]:
    """Return a page of events by their time, then by their tags."""
    after_ns = _BEFORE_ALL_NS if after_ns is None else after_ns
    end_ns = _end(_times(db, "events INDEXED BY events_by_time", after_ns, limit), limit)
    rows = db.execute(event_queries.events_where("events.time_ns > ? AND events.time_ns <= ?"), (after_ns, end_ns))
    return sorted(map(event_point, rows), key=oldest_first)


def export_service_metrics(db: sqlite3.Connection, after_ns: int | None, limit: int) -> list[ServiceMetricsPoint]:
    """Return a page of reports by their time, service and instance; the table starts with the service.

    Where only hours are kept, each hour is one report, at its start.
    """
    after_ns = _BEFORE_ALL_NS if after_ns is None else after_ns
    reports_from = value_of(db, SERVICE_METRICS_FROM)
    if reports_from is not None and after_ns < reports_from:
        if hours := _hours(db, after_ns, reports_from, limit):
            return hours
        after_ns = reports_from - 1
    names = list(services(db))
    times = heapq.merge(*(_times(db, "service_metrics", after_ns, limit, name) for name in names))
    end_ns = _end(times, limit)
    rows = [row for name in names for row in db.execute(service_queries.service_points(), (name, after_ns, end_ns))]
    return sorted(map(_service_point, rows), key=lambda point: (point.time_ns, point.service, point.instance))


def export_weather(db: sqlite3.Connection, after_ns: int | None, limit: int) -> list[WeatherObservation]:
    """Return a page of weather observations by their time, home and source."""
    after_ns = _BEFORE_ALL_NS if after_ns is None else after_ns
    end_ns = _end(_times(db, "weather_observations", after_ns, limit), limit)
    rows = db.execute(event_queries.weather_between(), (after_ns, end_ns))
    return sorted(map(observation, rows), key=weather_oldest_first)


def _hours(db: sqlite3.Connection, after_ns: int, end_ns: int, limit: int) -> list[ServiceMetricsPoint]:
    """Return about `limit` hours of services that start between two times, and all of the last hour."""
    columns = ", ".join(SUMMED_METRICS)
    rows = db.execute(
        f"SELECT service, bucket, {columns} FROM {SERVICE_ROLLUPS[HOUR_NS]} WHERE bucket >= ? AND bucket < ? "
        "ORDER BY bucket, service",
        (after_ns // HOUR_NS + 1, end_ns // HOUR_NS),
    )
    found: list[ServiceMetricsPoint] = []
    for service, hour, *sums in rows:
        if len(found) >= limit and hour * HOUR_NS > found[-1].time_ns:
            break
        levels = [None] * len(LEVEL_METRICS)
        found.append(_service_point((service, hour * HOUR_NS, "", *sums, *levels)))
    return found


def _times(db: sqlite3.Connection, table: str, after_ns: int, limit: int, service: str | None = None) -> list[int]:
    """Return the first times after a time, of a whole table or of one service."""
    values = (after_ns, limit) if service is None else (service, after_ns, limit)
    return [
        time_ns for (time_ns,) in db.execute(event_queries.first_times(table, of_service=service is not None), values)
    ]


def _end(times: Iterable[int], limit: int) -> int:
    """Return the `limit`-th time, or the end of all times if there are fewer."""
    return next(islice(times, limit - 1, None), _AFTER_ALL_NS)


def _service_point(row: tuple[Any, ...]) -> ServiceMetricsPoint:
    service, time_ns, instance, *values = row
    known = {name: v for name, v in zip((*SUMMED_METRICS, *LEVEL_METRICS), values, strict=True) if v is not None}
    levels = {name: float(known.pop(name)) for name in (LATENCY_SUM, *LEVEL_METRICS) if name in known}
    return ServiceMetricsPoint(service=service, time_ns=time_ns, instance=instance, counters=known, levels=levels)
