"""The SQL that writes."""

from __future__ import annotations

from ha_ingestor_store.embedded.file.schema import (
    ALERT_COLUMNS,
    ENTITY_ROLLUPS,
    EVENT_COLUMNS,
    EVENT_ROLLUPS,
    FACTS_COLUMNS,
    GAP_COLUMNS,
    ROLLED_UP_METRICS,
    SERVICE_COLUMNS,
    SERVICE_ROLLUPS,
    WEATHER_COLUMNS,
)
from ha_ingestor_store.embedded.file.sql import floor_division, placeholder_rows, rolled_up_metrics
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS

_UPGRADE = ", ".join(f"{c} = excluded.{c}" for c in EVENT_COLUMNS if c not in ("series", "time_ns"))


def insert_events(count: int) -> str:
    """Insert `count` events; of two with one key the one with the higher rank is kept, in the row of the first."""
    return (
        f"INSERT INTO events ({', '.join(EVENT_COLUMNS)}) VALUES {placeholder_rows(len(EVENT_COLUMNS), count)} "
        f"ON CONFLICT (series, time_ns) DO UPDATE SET {_UPGRADE} WHERE excluded.rank > events.rank"
    )


def insert_facts(count: int) -> str:
    """Insert `count` rows of facts with given ids."""
    return f"INSERT INTO facts ({', '.join(FACTS_COLUMNS)}) VALUES {placeholder_rows(len(FACTS_COLUMNS), count)}"


def note_facts_day() -> str:
    """Store the last day on which a row of facts is used."""
    return (
        "INSERT INTO facts_days (facts, day) VALUES (?, ?) "
        "ON CONFLICT (facts) DO UPDATE SET day = max(day, excluded.day)"
    )


def facts_by_hash(count: int) -> str:
    """Select the facts with one of `count` hashes."""
    return f"SELECT {', '.join(FACTS_COLUMNS)} FROM facts WHERE hash IN ({', '.join('?' * count)})"


def insert_weather() -> str:
    """Insert one row of weather with a given id."""
    columns = ("id", *WEATHER_COLUMNS)
    return f"INSERT INTO weathers ({', '.join(columns)}) VALUES {placeholder_rows(len(columns), 1)}"


def write_weather_observation() -> str:
    """Write one observation; one with the same key is replaced."""
    return (
        f"INSERT OR REPLACE INTO weather_observations (time_ns, home, source, weather) VALUES {placeholder_rows(4, 1)}"
    )


def insert_rename() -> str:
    """Insert one rename; a repeat changes nothing."""
    return "INSERT OR IGNORE INTO renames (home, time_ns, old_id, new_id) VALUES (?, ?, ?, ?)"


def insert_alive() -> str:
    """Insert a sign of life of an entity that has states; values: hour, time, home, event type, entity id."""
    return (
        "INSERT INTO alive (series, hour, seen_ns) SELECT series.id, ?, ? FROM series "
        "JOIN groups ON groups.id = group_id WHERE home = ? AND event_type = ? AND entity_id = ? "
        "ON CONFLICT (series, hour) DO UPDATE SET seen_ns = max(seen_ns, excluded.seen_ns)"
    )


def roll_up_events() -> list[str]:
    """Add the events with an id above `:last_id` to every rollup of events and of entities."""
    statements = []
    for tables, column, source in (
        (EVENT_ROLLUPS, "group_id", "events JOIN series ON series.id = events.series"),
        (ENTITY_ROLLUPS, "series", "events"),
    ):
        for grain, table in tables.items():
            bucket = floor_division("events.time_ns", str(grain))
            statements.append(
                f"INSERT INTO {table} (bucket, {column}, count) SELECT {bucket}, {column}, count(*) "
                f"FROM {source} WHERE events.id > :last_id GROUP BY 1, 2 "
                f"ON CONFLICT (bucket, {column}) DO UPDATE SET count = {table}.count + excluded.count"
            )
    return statements


def write_service_metrics() -> str:
    """Write one point of service_metrics; a point with the same key is replaced."""
    return (
        f"INSERT OR REPLACE INTO service_metrics ({', '.join(SERVICE_COLUMNS)}) "
        f"VALUES {placeholder_rows(len(SERVICE_COLUMNS), 1)}"
    )


def write_gap() -> str:
    """Write one gap; its earlier version is replaced."""
    return f"INSERT OR REPLACE INTO gaps ({', '.join(GAP_COLUMNS)}) VALUES {placeholder_rows(len(GAP_COLUMNS), 1)}"


def write_alert() -> str:
    """Write one alert; its earlier version is replaced."""
    return (
        f"INSERT OR REPLACE INTO alerts ({', '.join(ALERT_COLUMNS)}) VALUES {placeholder_rows(len(ALERT_COLUMNS), 1)}"
    )


def roll_up_service() -> list[str]:
    """Recompute the hour and then the day of `:service` at `:time_ns`, so that a repeat changes nothing."""
    found = rolled_up_metrics()
    hours, days = SERVICE_ROLLUPS[HOUR_NS], SERVICE_ROLLUPS[DAY_NS]
    columns = f"(service, bucket, {', '.join(ROLLED_UP_METRICS)})"
    hour, day = floor_division(":time_ns", str(HOUR_NS)), floor_division(":time_ns", str(DAY_NS))
    per_day = DAY_NS // HOUR_NS
    return [
        f"INSERT OR REPLACE INTO {hours} {columns} SELECT :service, {hour}, {found} FROM service_metrics "
        f"WHERE service = :service AND time_ns >= {hour} * {HOUR_NS} AND time_ns < ({hour} + 1) * {HOUR_NS}",
        f"INSERT OR REPLACE INTO {days} {columns} SELECT :service, {day}, {found} FROM {hours} "
        f"WHERE service = :service AND bucket >= {day} * {per_day} AND bucket < ({day} + 1) * {per_day}",
    ]
