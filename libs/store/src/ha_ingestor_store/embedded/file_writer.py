"""Writing to the embedded store: one transaction a batch, events and every rollup of them together."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
from ha_ingestor_core.alerts import Alert
from ha_ingestor_core.alive import Alive
from ha_ingestor_core.events import STATE_CHANGED, OriginKind
from ha_ingestor_core.gaps import Gap
from ha_ingestor_core.service_metrics import ServiceMetricsPoint

from ha_ingestor_store.answers import WriteResult, repeats
from ha_ingestor_store.embedded import queries
from ha_ingestor_store.embedded.facts import FactsInUse, delete_unused_facts, stored_facts
from ha_ingestor_store.embedded.facts_hash import facts_hash
from ha_ingestor_store.embedded.retention import Retention, delete_expired, home_time_ns, value_of
from ha_ingestor_store.embedded.schema import (
    BUSY_TIMEOUT_S,
    CAPTURED_FROM,
    LEVEL_METRICS,
    SERVICE_METRICS_FROM,
    SUMMED_METRICS,
)
from ha_ingestor_store.embedded.totals import add_tally
from ha_ingestor_store.points import EventPoint, Facts, SeriesKey, Weather, WeatherObservation
from ha_ingestor_store.renames import Rename, renames_in
from ha_ingestor_store.silent_entities import LOOK_BACK_NS
from ha_ingestor_store.store import Tally
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS

_FACTS_CACHE_LIMIT = 20_000
_FACTS_CACHE_CHARACTERS = 16_000_000
"""Attributes may be 100 kB large and new in every event: the number of remembered sets alone is no limit."""
_FACTS_A_STEP = 200
_WEATHER_CACHE_LIMIT = 1_000
_LOG_LIMIT_BYTES = 64 * 1024 * 1024
_READERS_TIMEOUT_MS = 500
_RANK = {kind: kind.rank for kind in OriginKind}


class FileWriter:
    """The one writer of a file. All methods block: call them from one thread.

    Many rows go into one statement: SQLite then runs without the interpreter's lock, on another core, and twice as fast
    as row by row.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._rows_per_statement = min(
            1000, connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER) // len(queries.EVENT_COLUMNS)
        )
        self._series: dict[SeriesKey, int] = {}
        self._with_unit: set[SeriesKey] = set()
        self._facts: dict[Facts, int] = {}
        self._facts_characters = 0
        self._in_use = FactsInUse()
        self._weathers: dict[Weather, int] = {}
        self._captured_from: int | None = None
        self._log = Path(f"{connection.execute('PRAGMA database_list').fetchone()[2]}-wal")
        self._log_limit = _LOG_LIMIT_BYTES

    def write_events(self, points: Sequence[EventPoint], tally: Tally | None = None) -> WriteResult:
        """Insert the points, roll up those that are new, count the tally; all of it or nothing."""
        with self._transaction():
            last_id = self._max_id("events")
            series = self._series_ids(points)
            with_unit = self._note_units(points, series)
            facts = self._facts_ids(points)
            in_use = self._in_use.note(
                self._connection, ((facts[_facts(point)], point.time_ns // DAY_NS) for point in points)
            )
            weathers = self._weather_ids({p.weather for p in points if p.weather is not None})
            rows = (_event_row(p, series, facts, weathers) for p in points)
            self._insert(queries.insert_events, rows, len(points))
            written = self._max_id("events") - last_id
            if written:
                for statement in queries.roll_up_events():
                    self._connection.execute(statement, {"last_id": last_id})
            captured_from = self._note_captured_from(points)
            self._connection.executemany(queries.insert_rename(), map(_rename_row, renames_in(points)))
            duplicates = self._duplicates(points, series, last_id) if written < len(points) else []
            result = WriteResult(written=written, duplicates=duplicates)
            if tally is not None:
                add_tally(self._connection, tally, result)
        # Only now: ids of a transaction that was rolled back must not be remembered.
        self._series, self._facts, self._captured_from = series, facts, captured_from
        self._weathers = weathers
        self._in_use.remember(in_use)
        self._with_unit |= with_unit
        self._keep_log_short()
        return result

    def write_weather(self, observations: Sequence[WeatherObservation]) -> None:
        """Write the observations, all or none."""
        with self._transaction():
            weathers = self._weather_ids({observation.weather for observation in observations})
            self._connection.executemany(
                queries.write_weather_observation(),
                ((each.time_ns, each.home, each.source, weathers[each.weather]) for each in observations),
            )
        self._weathers = weathers

    def write_service_metrics(self, points: Sequence[ServiceMetricsPoint]) -> None:
        """Write the points and recompute the hours and days that they touch.

        Those of which only the hours are kept come too late: what else there was in their hour can't be added up anew.
        """
        with self._transaction():
            reports_from = value_of(self._connection, SERVICE_METRICS_FROM) or 0  # another process may raise it
            points = [point for point in points if point.time_ns >= reports_from]
            self._connection.executemany(queries.write_service_metrics(), map(_service_row, points))
            for service, hour_ns in sorted({(p.service, p.time_ns // HOUR_NS * HOUR_NS) for p in points}):
                for statement in queries.roll_up_service():
                    self._connection.execute(statement, {"service": service, "time_ns": hour_ns})

    def write_alive(self, signs: Sequence[Alive]) -> None:
        """Keep the newest sign of each entity and hour, as long as anybody looks back; of known entities only."""
        with self._transaction():
            self._connection.executemany(queries.insert_alive(), map(_alive_row, signs))
            newest = max((sign.time_ns for sign in signs), default=0)
            self._connection.execute("DELETE FROM alive WHERE hour < ?", ((newest - LOOK_BACK_NS) // HOUR_NS - 1,))

    def delete_expired(self, retention: Retention, now_ns: int) -> int:
        """Delete a part of what has expired; how many rows, 0 when there is nothing left."""
        with self._transaction():
            deleted = delete_expired(self._connection, retention, now_ns)
            events_from = retention.events_from_ns(home_time_ns(self._connection, now_ns))
            if not deleted and events_from is not None:
                deleted = delete_unused_facts(self._connection, events_from // DAY_NS, _FACTS_A_STEP)
                self._facts, self._facts_characters, self._in_use = {}, 0, FactsInUse()
        self._captured_from = None
        self._keep_log_short()
        return deleted

    def write_gaps(self, gaps: Sequence[Gap]) -> None:
        """Write the gaps, each in place of its earlier version."""
        with self._transaction():
            self._connection.executemany(queries.write_gap(), map(_gap_row, gaps))

    def write_alerts(self, alerts: Sequence[Alert]) -> None:
        """Write the alerts, each in place of its earlier version."""
        with self._transaction():
            self._connection.executemany(queries.write_alert(), map(_alert_row, alerts))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def _keep_log_short(self) -> None:
        """Begin the write-ahead log anew when it is long, which waits for those who read it now.

        SQLite's own checkpoints wait for nobody, so while questions overlap the log only grows. What was written is
        already durable: a failure here is no failure of the write, and is tried again when the log has doubled.
        """
        size = self._log.stat().st_size if self._log.exists() else 0
        if size < self._log_limit:
            return
        self._log_limit = 2 * size
        with suppress(sqlite3.Error):
            self._connection.execute(f"PRAGMA busy_timeout = {_READERS_TIMEOUT_MS}")
            is_busy = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            if not is_busy:
                self._log_limit = _LOG_LIMIT_BYTES
        self._connection.execute(f"PRAGMA busy_timeout = {round(BUSY_TIMEOUT_S * 1000)}")

    def _insert(self, statement: Any, rows: Iterable[tuple[Any, ...]], count: int) -> None:
        """Insert the rows, as many per statement as bound values allow."""
        iterator = iter(rows)
        for at in range(0, count, self._rows_per_statement):
            size = min(self._rows_per_statement, count - at)
            values = list(chain.from_iterable(next(iterator) for _ in range(size)))
            self._connection.execute(statement(size), values)

    def _duplicates(self, points: Sequence[EventPoint], series: dict[SeriesKey, int], last_id: int) -> list[int]:
        new = self._connection.execute("SELECT series, time_ns FROM events WHERE id > ?", (last_id,))
        return repeats(((series[point.series_key], point.time_ns) for point in points), new)

    def _max_id(self, table: str) -> int:
        found: int = self._connection.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0]
        return found

    def _series_ids(self, points: Sequence[EventPoint]) -> dict[SeriesKey, int]:
        missing = {p.series_key for p in points} - self._series.keys()
        if not missing:
            return self._series
        return self._series | {key: self._series_id(key) for key in missing}

    def _series_id(self, key: SeriesKey) -> int:
        home, event_type, domain, entity_id = key
        group = (home, event_type, domain or "")
        execute = self._connection.execute
        execute("INSERT OR IGNORE INTO groups (home, event_type, domain) VALUES (?, ?, ?)", group)
        (group_id,) = execute("SELECT id FROM groups WHERE (home, event_type, domain) = (?, ?, ?)", group).fetchone()
        series = (group_id, entity_id or "")
        execute("INSERT OR IGNORE INTO series (group_id, entity_id, has_unit) VALUES (?, ?, 0)", series)
        found: int = execute("SELECT id FROM series WHERE (group_id, entity_id) = (?, ?)", series).fetchone()[0]
        return found

    def _note_units(self, points: Sequence[EventPoint], series: dict[SeriesKey, int]) -> set[SeriesKey]:
        """The series that have a unit for the first time; of the others nobody looks for the newest in all events."""
        fresh = {p.series_key for p in points if p.unit is not None} - self._with_unit
        ids = [(series[key],) for key in fresh]
        self._connection.executemany("UPDATE series SET has_unit = 1 WHERE id = ? AND NOT has_unit", ids)
        return fresh

    def _facts_ids(self, points: Sequence[EventPoint]) -> dict[Facts, int]:
        """Most events of an entity repeat its attributes, names and area: each such set is stored once."""
        fresh = dict.fromkeys(map(_facts, points)).keys() - self._facts.keys()
        if not fresh:
            return self._facts
        hashes = {facts: facts_hash(*facts) for facts in fresh}
        known, taken = stored_facts(self._connection, hashes.values())
        next_id = self._max_id("facts") + 1
        new = {facts: next_id + i for i, facts in enumerate(fresh - known.keys())}
        rows = []
        for facts, number in new.items():
            # Of two sets with one hash the second has none: it is stored again by the next process, and never mixed up.
            rows.append((number, None if hashes[facts] in taken else hashes[facts], *facts))
            taken.add(hashes[facts])
        self._insert(queries.insert_facts, rows, len(rows))
        ids = {facts: known[facts] for facts in fresh & known.keys()} | new
        self._facts_characters += sum(map(_characters, ids))
        if len(self._facts) + len(ids) <= _FACTS_CACHE_LIMIT and self._facts_characters <= _FACTS_CACHE_CHARACTERS:
            return self._facts | ids
        needed = {facts: self._facts[facts] for facts in map(_facts, points) if facts in self._facts} | ids
        self._facts_characters = sum(map(_characters, needed))
        return needed

    def _weather_ids(self, needed: set[Weather]) -> dict[Weather, int]:
        """The weather hardly changes from one event to the next: each is stored once."""
        fresh = needed - self._weathers.keys()
        if not fresh:
            return self._weathers
        ids = {weather: at for at, weather in enumerate(fresh, self._max_id("weathers") + 1)}
        rows = ((at, *msgspec.structs.astuple(weather)) for weather, at in ids.items())
        self._connection.executemany(queries.insert_weather(), rows)
        if len(self._weathers) + len(ids) <= _WEATHER_CACHE_LIMIT:
            return self._weathers | ids
        return {weather: self._weathers[weather] for weather in needed & self._weathers.keys()} | ids

    def _note_captured_from(self, points: Sequence[EventPoint]) -> int | None:
        """Remember the time of the oldest event that was witnessed or recovered: from then on counts are complete.

        A snapshot tells states that are weeks old, and nothing of what happened in between.
        """
        witnessed = [p.time_ns for p in points if p.origin_kind is not OriginKind.SNAPSHOT]
        if not witnessed:
            return self._captured_from
        oldest = min(witnessed)
        if self._captured_from is not None and self._captured_from <= oldest:
            return self._captured_from
        return self._connection.execute(  # type: ignore[no-any-return]
            "INSERT INTO meta (key, value) VALUES (?, ?) "
            "ON CONFLICT (key) DO UPDATE SET value = min(value, excluded.value) RETURNING value",
            (CAPTURED_FROM, oldest),
        ).fetchone()[0]


def _facts(point: EventPoint) -> Facts:
    return point.facts


def _characters(facts: Facts) -> int:
    return sum(len(text) for text in facts if text)


def _event_row(
    point: EventPoint, series: dict[SeriesKey, int], facts: dict[Facts, int], weathers: dict[Weather, int]
) -> tuple[Any, ...]:
    return (
        series[(point.home, point.event_type, point.domain, point.entity_id)],
        point.time_ns,
        _RANK[point.origin_kind],
        facts[point.facts],
        point.state,
        point.value,
        point.old_state,
        point.data,
        point.removed,
        point.context_id,
        point.context_parent_id,
        point.context_user_id,
        point.origin,
        None if point.weather is None else weathers[point.weather],
    )


def _gap_row(gap: Gap) -> tuple[Any, ...]:
    lost = msgspec.json.encode(gap.lost).decode()
    counts = (gap.entities, gap.recovered, gap.known)
    return (gap.home, gap.start_ns, gap.reason, gap.end_ns, gap.status, *counts, lost, gap.found_ns, gap.closed_ns)


def _alert_row(alert: Alert) -> tuple[Any, ...]:
    return tuple(getattr(alert, column) for column in queries.ALERT_COLUMNS)


def _rename_row(rename: Rename) -> tuple[Any, ...]:
    return (rename.home, rename.time_ns, rename.old_id, rename.new_id)


def _alive_row(sign: Alive) -> tuple[Any, ...]:
    return (sign.time_ns // HOUR_NS, sign.time_ns, sign.home, STATE_CHANGED, sign.entity_id)


def _service_row(point: ServiceMetricsPoint) -> tuple[Any, ...]:
    values = {**point.counters, **point.levels}
    return (
        point.service,
        point.time_ns,
        point.instance,
        *(values.get(name) for name in SUMMED_METRICS),
        *(values.get(name) for name in LEVEL_METRICS),
    )
