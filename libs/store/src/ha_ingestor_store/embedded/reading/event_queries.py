"""The SQL that reads events, states and observations of the weather."""

from __future__ import annotations

from ha_ingestor_store.embedded.file.schema import (
    WEATHER_COLUMNS,
)
from ha_ingestor_store.embedded.file.sql import floor_division, placeholder_rows, placeholders
from ha_ingestor_store.time_range import HOUR_NS

_OBSERVATIONS = (
    f"SELECT home, source, time_ns, {', '.join(WEATHER_COLUMNS)} "
    "FROM weather_observations JOIN weathers ON weathers.id = weather"
)


def weather_observations() -> str:
    """Select the newest observations of a range; values: start, end, limit."""
    return f"{_OBSERVATIONS} WHERE time_ns >= ? AND time_ns < ? ORDER BY time_ns DESC, home, source LIMIT ?"


def weather_between() -> str:
    """Select the observations after a time, up to another; values: the two times."""
    return f"{_OBSERVATIONS} WHERE time_ns > ? AND time_ns <= ?"


def events_where(condition: str) -> str:
    """Select whole events, with their tags and facts."""
    return (
        "SELECT groups.home, groups.event_type, events.time_ns, groups.domain, series.entity_id, state, value, "
        "old_state, unit, friendly_name, area, device, device_class, attributes, data, removed, "
        f"context_id, context_parent_id, context_user_id, origin, rank, floor, labels, integration, "
        f"{', '.join(WEATHER_COLUMNS)} "
        "FROM events JOIN series ON series.id = events.series "
        "JOIN groups ON groups.id = series.group_id JOIN facts ON facts.id = events.facts "
        f"LEFT JOIN weathers ON weathers.id = events.weather WHERE {condition}"
    )


# Without the plus SQLite would use the index of the series, and sort all of their events by time.
IN_TWO_LISTS = "facts IN (SELECT value FROM json_each(?)) AND +series IN (SELECT value FROM json_each(?))"
"""A condition on events: facts and series are in two lists, each as JSON; read in the order of time."""


def newest_events(condition: str) -> str:
    """Select (time, id) of the newest events of a range; values: the condition's, start, end, limit."""
    return (
        f"SELECT time_ns, id FROM events WHERE {condition} AND time_ns >= ? AND time_ns < ? "
        "ORDER BY time_ns DESC LIMIT ?"
    )


def events_at(condition: str) -> str:
    """Select (time, id) of the events at one nanosecond; values: the condition's, the time."""
    return f"SELECT time_ns, id FROM events WHERE {condition} AND time_ns = ?"


def hours(entities: int) -> str:
    """Select (home, entity, hour) of the state changes and signs of life of `entities` entities.

    From hour to hour by the index of events, a seek each: the rollup is sorted by time, so it would be read as a whole.
    Values: the event type, the entities, start and end; then first and last hour.
    """
    hour = floor_division("active.time_ns", str(HOUR_NS))
    return (
        "WITH RECURSIVE wanted (series, home, entity_id) AS (SELECT series.id, home, entity_id FROM series "
        f"JOIN groups ON groups.id = group_id WHERE event_type = ? AND entity_id IN ({placeholders(entities)})), "
        "bounds (start_ns, end_ns) AS (VALUES (?, ?)), "
        "active (series, time_ns, end_ns) AS (SELECT series, (SELECT min(time_ns) FROM events "
        "WHERE series = wanted.series AND time_ns >= start_ns AND time_ns < end_ns), end_ns FROM wanted, bounds "
        "UNION ALL SELECT series, (SELECT min(time_ns) FROM events WHERE series = active.series "
        f"AND time_ns >= ({hour} + 1) * {HOUR_NS} AND time_ns < end_ns), end_ns FROM active WHERE time_ns IS NOT NULL) "
        f"SELECT home, entity_id, {hour} FROM active JOIN wanted USING (series) WHERE time_ns IS NOT NULL "
        "UNION SELECT home, entity_id, hour FROM wanted JOIN alive ON alive.series = wanted.series "
        "WHERE hour >= ? AND hour < ?"
    )


def states(series: int, *, newest_first: bool = False) -> str:
    """Select the states of `series` series with their units, oldest first; values: the series, start, end, limit."""
    order = " DESC" if newest_first else ""
    return (
        "SELECT time_ns, state, value, unit FROM events JOIN facts ON facts.id = events.facts "
        f"WHERE series IN {placeholder_rows(series, 1)} AND time_ns >= ? AND time_ns < ? "
        f"ORDER BY time_ns{order} LIMIT ?"
    )


def known_entities(condition: str) -> str:
    """Select the newest event of each series of a condition, with its facts; values: the condition's, start, end."""
    return (
        "SELECT home, entity_id, events.time_ns, state, removed, unit, friendly_name, area, floor, labels, device, "
        f"device_class, integration FROM (SELECT home, entity_id, series.id AS number FROM series JOIN groups "
        f"ON groups.id = group_id WHERE {condition}) JOIN events ON events.id = (SELECT id FROM events "
        "WHERE series = number AND time_ns >= ? AND time_ns < ? ORDER BY time_ns DESC LIMIT 1) "
        "JOIN facts ON facts.id = events.facts"
    )


def series_with_unit(series: int) -> str:
    """Select the series that have ever had a unit; values: the series."""
    return f"SELECT id FROM series WHERE id IN {placeholder_rows(series, 1)} AND has_unit"


def latest_unit(series: int) -> str:
    """Select the newest unit of `series` series; values: the series, start, end."""
    return (
        "SELECT unit FROM events JOIN facts ON facts.id = events.facts "
        f"WHERE series IN {placeholder_rows(series, 1)} AND time_ns >= ? AND time_ns < ? AND unit IS NOT NULL "
        "ORDER BY time_ns DESC LIMIT 1"
    )


def first_times(table: str, *, of_service: bool) -> str:
    """Select the times of the first points after a time; values: the service if `of_service`, the time, the limit."""
    condition = "service = ? AND " if of_service else ""
    return f"SELECT time_ns FROM {table} WHERE {condition}time_ns > ? ORDER BY time_ns LIMIT ?"
