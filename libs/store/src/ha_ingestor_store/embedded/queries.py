"""The SQL that is built, as pure functions; every value is bound, only names of ours are pasted.

Fixed texts stand where they are asked.
"""

from __future__ import annotations

from ha_ingestor_store.embedded.schema import (
    ENTITY_ROLLUPS,
    EVENT_ROLLUPS,
    LEVEL_METRICS,
    ROLLED_UP_METRICS,
    SERVICE_ROLLUPS,
    SUMMED_METRICS,
)
from ha_ingestor_store.points import FACTS
from ha_ingestor_store.questions import Homes
from ha_ingestor_store.service_windows import HIGHEST_LEVELS
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS

EVENT_COLUMNS = (
    "series", "time_ns", "rank", "facts", "state", "value", "old_state", "data", "removed",
    "context_id", "context_parent_id", "context_user_id", "origin", "weather",
)  # fmt: skip
FACTS_COLUMNS = ("id", "hash", *FACTS)
WEATHER_COLUMNS = (
    "condition", "temperature_c", "humidity_percent", "pressure_hpa", "wind_speed_kmh", "wind_bearing_deg",
)  # fmt: skip
GAP_COLUMNS = (
    "home", "start_ns", "reason", "end_ns", "status", "entities", "recovered", "known", "lost", "found_ns", "closed_ns",
)  # fmt: skip
ALERT_COLUMNS = (
    "rule", "service", "level", "message", "since_ns", "raised_ns", "cleared_ns", "acknowledged_ns", "acknowledged_by",
)  # fmt: skip
SERVICE_COLUMNS = ("service", "time_ns", "instance", *SUMMED_METRICS, *LEVEL_METRICS)

_UPGRADE = ", ".join(f"{c} = excluded.{c}" for c in EVENT_COLUMNS if c not in ("series", "time_ns"))


def insert_events(count: int) -> str:
    """Insert `count` events; of two versions of one key the higher rank stays, in the row of the first."""
    return (
        f"INSERT INTO events ({', '.join(EVENT_COLUMNS)}) VALUES {_marks(len(EVENT_COLUMNS), count)} "
        f"ON CONFLICT (series, time_ns) DO UPDATE SET {_UPGRADE} WHERE excluded.rank > events.rank"
    )


def insert_facts(count: int) -> str:
    """Insert `count` rows of facts with ids of our choosing."""
    return f"INSERT INTO facts ({', '.join(FACTS_COLUMNS)}) VALUES {_marks(len(FACTS_COLUMNS), count)}"


def note_facts_day() -> str:
    """Note the last day that refers to a row of facts."""
    return (
        "INSERT INTO facts_days (facts, day) VALUES (?, ?) "
        "ON CONFLICT (facts) DO UPDATE SET day = max(day, excluded.day)"
    )


def facts_by_hash(count: int) -> str:
    """The facts with one of `count` hashes."""
    return f"SELECT {', '.join(FACTS_COLUMNS)} FROM facts WHERE hash IN ({', '.join('?' * count)})"


def insert_weather() -> str:
    """Insert one row of weather with an id of our choosing."""
    return f"INSERT INTO weathers (id, {', '.join(WEATHER_COLUMNS)}) VALUES {_marks(1 + len(WEATHER_COLUMNS), 1)}"


def write_weather_observation() -> str:
    """Write one observation; one with the same key is replaced."""
    return f"INSERT OR REPLACE INTO weather_observations (time_ns, home, source, weather) VALUES {_marks(4, 1)}"


_OBSERVATIONS = (
    f"SELECT home, source, time_ns, {', '.join(WEATHER_COLUMNS)} "
    "FROM weather_observations JOIN weathers ON weathers.id = weather"
)


def weather_observations() -> str:
    """The newest observations between two nanoseconds; values: start, end, limit."""
    return f"{_OBSERVATIONS} WHERE time_ns >= ? AND time_ns < ? ORDER BY time_ns DESC, home, source LIMIT ?"


def weather_between() -> str:
    """All observations behind a time, up to another; values: the two."""
    return f"{_OBSERVATIONS} WHERE time_ns > ? AND time_ns <= ?"


def insert_rename() -> str:
    """Keep one rename; the same one again changes nothing."""
    return "INSERT OR IGNORE INTO renames (home, time_ns, old_id, new_id) VALUES (?, ?, ?, ?)"


def insert_alive() -> str:
    """Keep a sign of life of an entity whose states are known; values: hour, time, home, event type, entity id."""
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
        f"VALUES {_marks(len(SERVICE_COLUMNS), 1)}"
    )


def write_gap() -> str:
    """Write one gap; its earlier version is replaced."""
    return f"INSERT OR REPLACE INTO gaps ({', '.join(GAP_COLUMNS)}) VALUES {_marks(len(GAP_COLUMNS), 1)}"


def gaps() -> str:
    """Gaps that overlap `:start` to `:end`, of `:home` where it is not NULL, newest first, behind the cursor."""
    return (
        f"SELECT {', '.join(GAP_COLUMNS)} FROM gaps WHERE start_ns < :end AND (end_ns > :start OR start_ns >= :start) "
        "AND (:home IS NULL OR home = :home) AND (:cursor_ns IS NULL OR start_ns < :cursor_ns "
        "OR start_ns = :cursor_ns AND (home, reason) > (:cursor_home, :cursor_reason)) "
        "ORDER BY start_ns DESC, home, reason LIMIT :limit"
    )


def write_alert() -> str:
    """Write one alert; its earlier version is replaced."""
    return f"INSERT OR REPLACE INTO alerts ({', '.join(ALERT_COLUMNS)}) VALUES {_marks(len(ALERT_COLUMNS), 1)}"


def alerts() -> str:
    """Alerts that overlap `:start` to `:end`, of `:rule` where it is not NULL, newest first, behind the cursor."""
    return (
        f"SELECT {', '.join(ALERT_COLUMNS)} FROM alerts WHERE since_ns < :end "
        "AND (cleared_ns IS NULL OR cleared_ns > :start OR since_ns >= :start) "
        "AND (:rule IS NULL OR rule = :rule) AND (:cursor_ns IS NULL OR since_ns < :cursor_ns "
        "OR since_ns = :cursor_ns AND (rule, service) > (:cursor_rule, :cursor_service)) "
        "ORDER BY since_ns DESC, rule, service LIMIT :limit"
    )


def roll_up_service() -> list[str]:
    """Recompute the hour and then the day of `:service` that hold `:time_ns`, so that a repeat changes nothing."""
    found = _rolled_up()
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


def count_by_group(grain_ns: int) -> str:
    """Events by group between `:start` and `:end`: buckets of a rollup, or raw nanoseconds when grain is 0."""
    if not grain_ns:
        return (
            "SELECT series.group_id, sum(n) FROM (SELECT series, count(*) AS n FROM events INDEXED BY events_by_time "
            "WHERE time_ns >= :start AND time_ns < :end GROUP BY series) AS counted "
            "JOIN series ON series.id = counted.series GROUP BY 1"
        )
    return (
        f"SELECT group_id, sum(count) FROM {EVENT_ROLLUPS[grain_ns]} "
        "WHERE bucket >= :start AND bucket < :end GROUP BY group_id"
    )


def count_total(grain_ns: int) -> str:
    """Events between `:start` and `:end`, as in `count_by_group`; without groups raw ones cost a fifth."""
    if not grain_ns:
        return "SELECT count(*) FROM events INDEXED BY events_by_time WHERE time_ns >= :start AND time_ns < :end"
    return f"SELECT coalesce(sum(count), 0) FROM {EVENT_ROLLUPS[grain_ns]} WHERE bucket >= :start AND bucket < :end"


def count_by_window(grain_ns: int) -> str:
    """Events of a rollup by window of `:window` buckets between the buckets `:start` and `:end`."""
    return (
        f"SELECT {floor_division('bucket', ':window')}, sum(count) FROM {EVENT_ROLLUPS[grain_ns]} "
        "WHERE bucket >= :start AND bucket < :end GROUP BY 1"
    )


def count_by_series(grain_ns: int) -> str:
    """Events by series between `:start` and `:end`, as in `count_by_group`."""
    if not grain_ns:
        return (
            "SELECT series, count(*) FROM events INDEXED BY events_by_time "
            "WHERE time_ns >= :start AND time_ns < :end GROUP BY series"
        )
    return (
        f"SELECT series, sum(count) FROM {ENTITY_ROLLUPS[grain_ns]} "
        "WHERE bucket >= :start AND bucket < :end GROUP BY series"
    )


def sum_service(grain_ns: int) -> str:
    """The summed metrics of `:service` between `:start` and `:end`, as in `count_by_group`; no row where it is silent.

    A service is always named: the tables begin with it, so a range of time alone would read the whole table.
    """
    table, column = (SERVICE_ROLLUPS[grain_ns], "bucket") if grain_ns else ("service_metrics", "time_ns")
    sums = ", ".join(f"sum({name})" for name in SUMMED_METRICS)
    return (
        f"SELECT {sums} FROM {table} WHERE service = :service AND {column} >= :start AND {column} < :end "
        "GROUP BY service"
    )


def events_where(condition: str) -> str:
    """Whole events, with their tags and facts."""
    return (
        "SELECT groups.home, groups.event_type, events.time_ns, groups.domain, series.entity_id, state, value, "
        "old_state, unit, friendly_name, area, device, device_class, attributes, data, removed, "
        f"context_id, context_parent_id, context_user_id, origin, rank, floor, labels, integration, "
        f"{', '.join(WEATHER_COLUMNS)} "
        "FROM events JOIN series ON series.id = events.series "
        "JOIN groups ON groups.id = series.group_id JOIN facts ON facts.id = events.facts "
        f"LEFT JOIN weathers ON weathers.id = events.weather WHERE {condition}"
    )


# Without the plus SQLite would take the index of the series, and sort all of their events by time.
IN_TWO_LISTS = "facts IN (SELECT value FROM json_each(?)) AND +series IN (SELECT value FROM json_each(?))"
"""A condition on events: of these facts and these series, two lists as JSON; read in the order of time."""


def newest_events(condition: str) -> str:
    """(time, id) of the newest events between two nanoseconds; values: the condition's, start, end, limit."""
    return (
        f"SELECT time_ns, id FROM events WHERE {condition} AND time_ns >= ? AND time_ns < ? "
        "ORDER BY time_ns DESC LIMIT ?"
    )


def events_at(condition: str) -> str:
    """(time, id) of the events at one nanosecond; values: the condition's, the time."""
    return f"SELECT time_ns, id FROM events WHERE {condition} AND time_ns = ?"


def hours(entities: int) -> str:
    """(home, entity, hour) of so many entities' state changes and signs of life.

    From hour to hour by the index of events, a seek each: the rollup is sorted by time, so it would be read as a whole.
    Values: the event type, the entities, start and end; then first and last hour.
    """
    hour = floor_division("heard.time_ns", str(HOUR_NS))
    return (
        "WITH RECURSIVE asked (series, home, entity_id) AS (SELECT series.id, home, entity_id FROM series "
        f"JOIN groups ON groups.id = group_id WHERE event_type = ? AND entity_id IN ({marks(entities)})), "
        "bounds (start_ns, end_ns) AS (VALUES (?, ?)), "
        "heard (series, time_ns, end_ns) AS (SELECT series, (SELECT min(time_ns) FROM events "
        "WHERE series = asked.series AND time_ns >= start_ns AND time_ns < end_ns), end_ns FROM asked, bounds "
        "UNION ALL SELECT series, (SELECT min(time_ns) FROM events WHERE series = heard.series "
        f"AND time_ns >= ({hour} + 1) * {HOUR_NS} AND time_ns < end_ns), end_ns FROM heard WHERE time_ns IS NOT NULL) "
        f"SELECT home, entity_id, {hour} FROM heard JOIN asked USING (series) WHERE time_ns IS NOT NULL "
        "UNION SELECT home, entity_id, hour FROM asked JOIN alive ON alive.series = asked.series "
        "WHERE hour >= ? AND hour < ?"
    )


def homes_are(homes: Homes) -> tuple[str, tuple[str, ...]]:
    """A condition on the column `home` that begins with AND, or nothing; and its values."""
    if homes.only is not None:
        return " AND home = ?", (homes.only,)
    return (f" AND home NOT IN ({marks(len(homes.but))})", homes.but) if homes.but else ("", ())


def marks(count: int) -> str:
    """So many marks for bound values."""
    return ",".join("?" * count)


def states(series: int, *, newest_first: bool = False) -> str:
    """The states of so many series with their units, oldest first; values: the series, start, end, limit."""
    order = " DESC" if newest_first else ""
    return (
        "SELECT time_ns, state, value, unit FROM events JOIN facts ON facts.id = events.facts "
        f"WHERE series IN {_marks(series, 1)} AND time_ns >= ? AND time_ns < ? ORDER BY time_ns{order} LIMIT ?"
    )


def known_entities(condition: str) -> str:
    """The newest event of the series of a condition, with its facts; values: the condition's, start, end."""
    return (
        "SELECT home, entity_id, events.time_ns, state, removed, unit, friendly_name, area, floor, labels, device, "
        f"device_class, integration FROM (SELECT home, entity_id, series.id AS number FROM series JOIN groups "
        f"ON groups.id = group_id WHERE {condition}) JOIN events ON events.id = (SELECT id FROM events "
        "WHERE series = number AND time_ns >= ? AND time_ns < ? ORDER BY time_ns DESC LIMIT 1) "
        "JOIN facts ON facts.id = events.facts"
    )


def series_with_unit(series: int) -> str:
    """Those of so many series that ever had a unit."""
    return f"SELECT id FROM series WHERE id IN {_marks(series, 1)} AND has_unit"


def latest_unit(series: int) -> str:
    """The unit that so many series had last; values: the series, start, end."""
    return (
        "SELECT unit FROM events JOIN facts ON facts.id = events.facts "
        f"WHERE series IN {_marks(series, 1)} AND time_ns >= ? AND time_ns < ? AND unit IS NOT NULL "
        "ORDER BY time_ns DESC LIMIT 1"
    )


def service_trend(name: str, grain_ns: int) -> str:
    """A metric of `:service` by `:window`, in buckets or nanoseconds as `:start` and `:end`; levels are averaged."""
    total = f"sum({name})" if name in SUMMED_METRICS else f"avg({name})"
    table, column = (SERVICE_ROLLUPS[grain_ns], "bucket") if grain_ns else ("service_metrics", "time_ns")
    return (
        f"SELECT {floor_division(column, ':window')}, {total} FROM {table} "
        f"WHERE service = :service AND {column} >= :start AND {column} < :end AND {name} IS NOT NULL GROUP BY 1"
    )


def service_windows(grain_ns: int) -> str:
    """What is rolled up of `:service` by `:window`, in buckets or nanoseconds as `:start` and `:end`."""
    table, column = (SERVICE_ROLLUPS[grain_ns], "bucket") if grain_ns else ("service_metrics", "time_ns")
    return (
        f"SELECT {floor_division(column, ':window')}, {_rolled_up()} FROM {table} "
        f"WHERE service = :service AND {column} >= :start AND {column} < :end GROUP BY 1"
    )


def mean_level(name: str) -> str:
    """The mean of a level; values: service, start, end."""
    return f"SELECT avg({name}) FROM service_metrics WHERE service = ? AND time_ns >= ? AND time_ns < ?"


def newest_service_point() -> str:
    """The newest point of a service's instance: its time, then every metric; values: service, instance."""
    return (
        f"SELECT time_ns, {', '.join((*SUMMED_METRICS, *LEVEL_METRICS))} FROM service_metrics "
        "WHERE service = ? AND instance = ? ORDER BY time_ns DESC LIMIT 1"
    )


def newest_levels() -> str:
    """Levels by instance, oldest first, around a service's newest point in a range; values: as they are named."""
    return (
        "SELECT instance, time_ns, queue_depth, lag_s FROM service_metrics WHERE service = :service "
        "AND time_ns >= max(:start_ns, (SELECT max(time_ns) FROM service_metrics WHERE service = :service "
        "AND time_ns < :end_ns) - :back_ns) AND time_ns < :end_ns ORDER BY time_ns"
    )


def first_times(table: str, *, of_service: bool) -> str:
    """The times of the first points behind one; values: the service, where it is one's, the time, the limit."""
    condition = "service = ? AND " if of_service else ""
    return f"SELECT time_ns FROM {table} WHERE {condition}time_ns > ? ORDER BY time_ns LIMIT ?"


def service_points() -> str:
    """A service's points with every metric; values: the service, after, up to."""
    return (
        f"SELECT {', '.join(SERVICE_COLUMNS)} FROM service_metrics WHERE service = ? AND time_ns > ? AND time_ns <= ?"
    )


def floor_division(number: str, divisor: str) -> str:
    """SQLite divides towards zero; times before 1970 need the floor."""
    return f"(({number} - (({number} % {divisor}) + {divisor}) % {divisor}) / {divisor})"


def _marks(columns: int, rows: int) -> str:
    return ", ".join(["(" + ", ".join("?" * columns) + ")"] * rows)


def _rolled_up() -> str:
    return ", ".join(f"{'max' if name in HIGHEST_LEVELS else 'sum'}({name})" for name in ROLLED_UP_METRICS)
