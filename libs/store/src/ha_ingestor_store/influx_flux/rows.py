"""Rows of Flux put together: each holds one field, its time in nanoseconds and its value as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from ha_ingestor_store.answers import HistoryPoint
from ha_ingestor_store.influx.reading.records import event_point, history_point, series_key, weather_observation
from ha_ingestor_store.influx.schema import EVENT_TAGS
from ha_ingestor_store.points import EventPoint, SeriesKey, WeatherObservation

Values = Mapping[str, Any]
"""The columns of one record; `result` is the name of its result."""


def value_of(row: Values) -> Any:
    """The value that was asked for as JSON."""
    return msgspec.json.decode(row["_value"])


def points_of(rows: Iterable[Values], tags: tuple[str, ...]) -> list[dict[str, Any]]:
    """The points by their tags and time (as `_time`), each with all its fields."""
    points: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        found = {"_time": row["_time"], **{tag: row.get(tag) for tag in tags}}
        points.setdefault(tuple(found.values()), found)[row["_field"]] = value_of(row)
    return list(points.values())


def events_of(rows: Iterable[Values]) -> Iterator[EventPoint]:
    """Rows of single fields put together to events."""
    events: dict[tuple[SeriesKey, int], dict[str, Any]] = {}
    for row in rows:
        fields = events.setdefault((series_key(row), row["_time"]), {tag: row.get(tag) for tag in EVENT_TAGS})
        fields[row["_field"]] = value_of(row)
    return (event_point(fields, time_ns) for (_, time_ns), fields in events.items())


def history_points(rows: Iterable[Values]) -> list[HistoryPoint]:
    """Rows of single fields put together to states, oldest first; a state change has `removed` always."""
    points = (point for point in points_of(rows, EVENT_TAGS) if "removed" in point)
    return sorted((history_point(point, point["_time"]) for point in points), key=lambda point: point.time_ns)


def observations_of(rows: Iterable[Values]) -> list[WeatherObservation]:
    """Rows of single fields put together to observations of the weather."""
    points = points_of(rows, ("home", "source"))
    return [each for point in points if (each := weather_observation(point, point["_time"]))]
