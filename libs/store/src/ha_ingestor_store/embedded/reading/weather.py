"""The newest weather observations."""

from __future__ import annotations

import sqlite3

from ha_ingestor_store.embedded.reading import event_queries
from ha_ingestor_store.embedded.reading.event_rows import observation
from ha_ingestor_store.points import WeatherObservation
from ha_ingestor_store.time_range import TimeRange


def newest_weather(db: sqlite3.Connection, time_range: TimeRange, limit: int = 1000) -> list[WeatherObservation]:
    """Return the newest observations of the range: newest first, then by home and source."""
    rows = db.execute(event_queries.weather_observations(), (time_range.start_ns, time_range.end_ns, limit))
    return list(map(observation, rows))
