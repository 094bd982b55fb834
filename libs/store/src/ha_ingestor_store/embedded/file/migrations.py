"""The tables, created and changed in steps from release to release; docs/adr/0003 gives the reasons for their shape."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from ha_ingestor_core.errors import StoreRefusedError
from ha_ingestor_core.service_metrics import LATENCY_SUM, Counter

from ha_ingestor_store.embedded.file.connection import BUSY_TIMEOUT_S, connect
from ha_ingestor_store.embedded.file.facts_hash import facts_hash
from ha_ingestor_store.embedded.file.schema import (
    ENTITY_ROLLUPS,
    EVENT_ROLLUPS,
    LEVEL_METRICS,
    SERVICE_ROLLUPS,
    SUMMED_METRICS,
)
from ha_ingestor_store.points import rejected_id
from ha_ingestor_store.service_windows import HIGHEST_LEVELS
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS

_LATER_COLUMNS = (Counter.EXPIRED.value,)
"""Columns of SUMMED_METRICS that the first tables do not have."""
_SUMMED_COLUMNS = ", ".join(
    f"{name} {'REAL' if name == LATENCY_SUM else 'INTEGER'}" for name in SUMMED_METRICS if name not in _LATER_COLUMNS
)
_LEVEL_COLUMNS = ", ".join(f"{name} REAL" for name in LEVEL_METRICS)

# No tag of an event is empty, so '' represents a missing tag: NULLs would not be unique.
# A rollup's `bucket` is the number of its windows since 1970.
_FIRST_TABLES = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE groups (
  id INTEGER PRIMARY KEY, home TEXT NOT NULL, event_type TEXT NOT NULL, domain TEXT NOT NULL,
  UNIQUE (home, event_type, domain)
);
CREATE TABLE series (
  id INTEGER PRIMARY KEY, group_id INTEGER NOT NULL REFERENCES groups, entity_id TEXT NOT NULL,
  has_unit INTEGER NOT NULL DEFAULT 0,
  UNIQUE (group_id, entity_id)
);
CREATE INDEX series_by_entity ON series (entity_id);
CREATE TABLE facts (
  id INTEGER PRIMARY KEY, unit TEXT, friendly_name TEXT, area TEXT, device TEXT, device_class TEXT, attributes TEXT
);
CREATE TABLE events (
  id INTEGER PRIMARY KEY, series INTEGER NOT NULL, time_ns INTEGER NOT NULL, rank INTEGER NOT NULL,
  facts INTEGER NOT NULL, state TEXT, value REAL, old_state TEXT, data TEXT, removed INTEGER NOT NULL,
  context_id TEXT, context_parent_id TEXT, context_user_id TEXT, origin TEXT,
  UNIQUE (series, time_ns)
);
CREATE INDEX events_by_time ON events (time_ns, series);
{
    "".join(
        f"CREATE TABLE {table} (bucket INTEGER, group_id INTEGER, count INTEGER NOT NULL, "
        "PRIMARY KEY (bucket, group_id)) WITHOUT ROWID;"
        for table in EVENT_ROLLUPS.values()
    )
}
{
    "".join(
        f"CREATE TABLE {table} (bucket INTEGER, series INTEGER, count INTEGER NOT NULL, PRIMARY KEY (bucket, series))"
        " WITHOUT ROWID;"
        for table in ENTITY_ROLLUPS.values()
    )
}
CREATE TABLE service_metrics (
  service TEXT, time_ns INTEGER, instance TEXT, {_SUMMED_COLUMNS}, {_LEVEL_COLUMNS},
  PRIMARY KEY (service, time_ns, instance)
) WITHOUT ROWID;
CREATE INDEX service_metrics_by_instance ON service_metrics (service, instance, time_ns);
{
    "".join(
        f"CREATE TABLE {table} (service TEXT, bucket INTEGER, {_SUMMED_COLUMNS}, PRIMARY KEY (service, bucket))"
        " WITHOUT ROWID;"
        for table in SERVICE_ROLLUPS.values()
    )
}
CREATE TABLE rejected_events (
  id INTEGER PRIMARY KEY, time_ns INTEGER NOT NULL, home TEXT NOT NULL, service TEXT NOT NULL, key TEXT NOT NULL,
  message TEXT NOT NULL, payload TEXT NOT NULL, digest BLOB NOT NULL, UNIQUE (time_ns, home, digest)
);
"""
_GAPS = """
CREATE TABLE gaps (
  home TEXT NOT NULL, start_ns INTEGER NOT NULL, reason TEXT NOT NULL, end_ns INTEGER NOT NULL, status TEXT NOT NULL,
  entities INTEGER NOT NULL, recovered INTEGER NOT NULL, known INTEGER NOT NULL, lost TEXT NOT NULL,
  found_ns INTEGER NOT NULL, closed_ns INTEGER, PRIMARY KEY (start_ns, home, reason)
) WITHOUT ROWID;
CREATE INDEX open_gaps ON gaps (home) WHERE status = 'open';
"""
_REPLAYS = """
ALTER TABLE rejected_events RENAME TO rejected_before;
CREATE TABLE rejected_events (
  id TEXT PRIMARY KEY, time_ns INTEGER NOT NULL, home TEXT NOT NULL, service TEXT NOT NULL, key TEXT NOT NULL,
  message TEXT NOT NULL, payload TEXT NOT NULL, origin_kind TEXT NOT NULL, replayed_ns INTEGER, outcome TEXT
);
INSERT OR IGNORE INTO rejected_events
  SELECT rejected_id(time_ns, home, service, key, payload), time_ns, home, service, key, message, payload, 'live',
    NULL, NULL
  FROM rejected_before;
DROP TABLE rejected_before;
CREATE INDEX rejected_by_time ON rejected_events (time_ns DESC, id, key, home, service);
"""
# Thousands of events share one weather: it is stored once, as facts are.
_WEATHER = """
CREATE TABLE weathers (
  id INTEGER PRIMARY KEY, condition TEXT, temperature_c REAL, humidity_percent REAL, pressure_hpa REAL,
  wind_speed_kmh REAL, wind_bearing_deg REAL
);
CREATE TABLE weather_observations (
  time_ns INTEGER, home TEXT, source TEXT, weather INTEGER NOT NULL REFERENCES weathers,
  PRIMARY KEY (time_ns, home, source)
) WITHOUT ROWID;
ALTER TABLE events ADD COLUMN weather INTEGER;
"""

_ACTIVITY = """
CREATE TABLE renames (
  home TEXT, time_ns INTEGER, old_id TEXT, new_id TEXT NOT NULL, PRIMARY KEY (home, time_ns, old_id)
) WITHOUT ROWID;
CREATE TABLE alive (series INTEGER, hour INTEGER, seen_ns INTEGER NOT NULL, PRIMARY KEY (series, hour)) WITHOUT ROWID;
CREATE INDEX alive_by_hour ON alive (hour)
"""

_ALERTS = """
CREATE TABLE alerts (
  since_ns INTEGER NOT NULL, rule TEXT NOT NULL, service TEXT NOT NULL, level TEXT NOT NULL, message TEXT NOT NULL,
  raised_ns INTEGER NOT NULL, cleared_ns INTEGER, PRIMARY KEY (since_ns, rule, service)
) WITHOUT ROWID;
"""

_EXPIRED = ";".join(
    f"ALTER TABLE {table} ADD COLUMN {Counter.EXPIRED} INTEGER"
    for table in ("service_metrics", *SERVICE_ROLLUPS.values())
)

# Facts that an earlier release stored twice are kept, since events refer to both.
_UNIQUE_FACTS = """
ALTER TABLE facts ADD COLUMN hash INTEGER;
CREATE UNIQUE INDEX facts_by_hash ON facts (hash);
UPDATE OR IGNORE facts SET hash = facts_hash(unit, friendly_name, area, device, device_class, attributes)
"""

# It is unknown which events use the facts of an earlier release: they count as used on the day of the update.
_FACTS_DAYS = f"""
CREATE TABLE facts_days (facts INTEGER PRIMARY KEY, day INTEGER NOT NULL);
INSERT INTO facts_days SELECT id, (SELECT max(time_ns) FROM events) / {DAY_NS} FROM facts
  WHERE EXISTS (SELECT 1 FROM events)
"""

_PLACES = ";".join(f"ALTER TABLE facts ADD COLUMN {name} TEXT" for name in ("floor", "labels", "integration"))

# The highest levels are known only for hours whose reports are still kept.
_HIGHEST = ";".join(
    [
        *(
            f"ALTER TABLE {table} ADD COLUMN {name} REAL"
            for table in SERVICE_ROLLUPS.values()
            for name in HIGHEST_LEVELS
        ),
        *(
            f"UPDATE {rollup} SET {name} = (SELECT max({name}) FROM {source} WHERE service = {rollup}.service "
            f"AND {column} >= {rollup}.bucket * {length} AND {column} < ({rollup}.bucket + 1) * {length})"
            for rollup, source, column, length in (
                (SERVICE_ROLLUPS[HOUR_NS], "service_metrics", "time_ns", HOUR_NS),
                (SERVICE_ROLLUPS[DAY_NS], SERVICE_ROLLUPS[HOUR_NS], "service_hours.bucket", DAY_NS // HOUR_NS),
            )
            for name in HIGHEST_LEVELS
        ),
    ]
)

_ACKNOWLEDGED = """
ALTER TABLE alerts ADD COLUMN acknowledged_ns INTEGER;
ALTER TABLE alerts ADD COLUMN acknowledged_by TEXT
"""

_STEPS = (
    _FIRST_TABLES,
    _GAPS,
    _REPLAYS,
    _WEATHER,
    _ACTIVITY,
    _ALERTS,
    _EXPIRED,
    _UNIQUE_FACTS,
    _FACTS_DAYS,
    _PLACES,
    _HIGHEST,
    _ACKNOWLEDGED,
)
"""The step from each version of the schema to the next; a released step never changes."""
SCHEMA_VERSION = len(_STEPS)

_HEADER_BYTES = 100
_VERSION_AT = slice(60, 64)
"""Where SQLite keeps the user version, https://www.sqlite.org/fileformat.html"""


def prepare(path: Path) -> None:
    """Update the tables to this release; raises StoreRefusedError for a file of a later release or another program.

    Several processes may call this at once: one updates, the others find it done.
    """
    connection = connect(path)
    connection.create_function("rejected_id", 5, rejected_id, deterministic=True)
    connection.create_function("facts_hash", 6, facts_hash, deterministic=True)
    try:
        check_owner(connection, path)
        _switch_to_wal(connection)
        connection.execute("BEGIN IMMEDIATE")
        for step in _STEPS[_version(connection) :]:
            for statement in step.split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    finally:
        connection.close()


def check_owner(connection: sqlite3.Connection, path: Path) -> None:
    """Raise StoreRefusedError for a file of a later release or of another program."""
    connection.execute("BEGIN")  # both reads in one transaction: another process may be creating the tables
    version, tables = _version(connection), connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    connection.execute("COMMIT")
    if version > SCHEMA_VERSION:
        raise StoreRefusedError(f"{path} was written by a later release (schema {version}). Update HA Ingestor")
    if tables and not version:
        raise StoreRefusedError(f"{path} is the database of another program. Move it, or set another DATA_DIR")


def schema_in(path: Path) -> int:
    """Return the version of the schema in a file, 0 where there is none, without opening it as a database.

    SQLite would create a log beside it, and copy an existing log into the file. A version that is only in the log, of a
    process that was killed right after its first start, is found by `check_owner`.
    """
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except OSError:
        return 0
    return int.from_bytes(header[_VERSION_AT]) if header.startswith(b"SQLite format 3\0") else 0


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Set the journal mode, which the file keeps; retry, since it fails at once while another process sets it."""
    connection.execute("PRAGMA page_size = 4096")  # effective only in a new file
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
