"""Writing to the file: one transaction per batch, with events and all their rollups together."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from ha_ingestor_core.alerts import Alert
from ha_ingestor_core.alive import Alive
from ha_ingestor_core.events import OriginKind
from ha_ingestor_core.gaps import Gap
from ha_ingestor_core.service_metrics import ServiceMetricsPoint

from ha_ingestor_store.answers import WriteResult, repeats
from ha_ingestor_store.embedded.file.connection import transaction
from ha_ingestor_store.embedded.file.meta import CAPTURED_FROM, SERVICE_METRICS_FROM, value_of
from ha_ingestor_store.embedded.file.schema import EVENT_COLUMNS
from ha_ingestor_store.embedded.file.sql import insert_rows, max_id
from ha_ingestor_store.embedded.writing import rows, statements
from ha_ingestor_store.embedded.writing.facts import StoredFacts, delete_unused_facts
from ha_ingestor_store.embedded.writing.retention import Retention, delete_expired, home_time_ns
from ha_ingestor_store.embedded.writing.series import StoredSeries
from ha_ingestor_store.embedded.writing.totals import add_tally
from ha_ingestor_store.embedded.writing.weathers import StoredWeathers
from ha_ingestor_store.embedded.writing.write_ahead_log import WriteAheadLog
from ha_ingestor_store.points import EventPoint, SeriesKey, WeatherObservation
from ha_ingestor_store.renames import renames_in
from ha_ingestor_store.silent_entities import LOOK_BACK_NS
from ha_ingestor_store.store import Tally
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS

_FACTS_PER_STEP = 200


class FileWriter:
    """The only writer of a file. All methods block: call them from one thread.

    Many rows go into one statement: SQLite then runs without the interpreter's lock, on another core, and twice as fast
    as row by row.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._series = StoredSeries(connection)
        self._facts = StoredFacts(connection)
        self._weathers = StoredWeathers(connection)
        self._captured_from: int | None = None
        self._log = WriteAheadLog(connection)

    def write_events(self, points: Sequence[EventPoint], tally: Tally | None = None) -> WriteResult:
        """Insert the points, roll up the new ones and add the tally, all or nothing."""
        with transaction(self._db):
            last_id = max_id(self._db, "events")
            series = self._series.ids(points)
            facts = self._facts.ids(points)
            weathers = self._weathers.ids({p.weather for p in points if p.weather is not None})
            events = (rows.event_row(p, series, facts, weathers) for p in points)
            insert_rows(self._db, statements.insert_events, events, columns=len(EVENT_COLUMNS), count=len(points))
            written = max_id(self._db, "events") - last_id
            if written:
                for statement in statements.roll_up_events():
                    self._db.execute(statement, {"last_id": last_id})
            captured_from = self._note_captured_from(points)
            self._db.executemany(statements.insert_rename(), map(rows.rename_row, renames_in(points)))
            duplicates = self._duplicates(points, series, last_id) if written < len(points) else []
            result = WriteResult(written=written, duplicates=duplicates)
            if tally is not None:
                add_tally(self._db, tally, result)
        # Only after the commit: the ids of a transaction that is rolled back are not valid.
        self._series.committed()
        self._facts.committed()
        self._weathers.committed()
        self._captured_from = captured_from
        self._log.keep_short()
        return result

    def write_weather(self, observations: Sequence[WeatherObservation]) -> None:
        """Write the observations, all or none."""
        with transaction(self._db):
            weathers = self._weathers.ids({observation.weather for observation in observations})
            self._db.executemany(
                statements.write_weather_observation(),
                ((each.time_ns, each.home, each.source, weathers[each.weather]) for each in observations),
            )
        self._weathers.committed()

    def write_service_metrics(self, points: Sequence[ServiceMetricsPoint]) -> None:
        """Write the points and recompute their hours and days.

        Points of a time of which only hours are kept are ignored: their hour cannot be computed again.
        """
        with transaction(self._db):
            reports_from = value_of(self._db, SERVICE_METRICS_FROM) or 0  # another process may raise it
            points = [point for point in points if point.time_ns >= reports_from]
            self._db.executemany(statements.write_service_metrics(), map(rows.service_row, points))
            for service, hour_ns in sorted({(p.service, p.time_ns // HOUR_NS * HOUR_NS) for p in points}):
                for statement in statements.roll_up_service():
                    self._db.execute(statement, {"service": service, "time_ns": hour_ns})

    def write_alive(self, signs: Sequence[Alive]) -> None:
        """Keep the newest sign of each known entity and hour, and delete signs older than the look back."""
        with transaction(self._db):
            self._db.executemany(statements.insert_alive(), map(rows.alive_row, signs))
            newest = max((sign.time_ns for sign in signs), default=0)
            self._db.execute("DELETE FROM alive WHERE hour < ?", ((newest - LOOK_BACK_NS) // HOUR_NS - 1,))

    def write_gaps(self, gaps: Sequence[Gap]) -> None:
        """Write the gaps, each in place of its earlier version."""
        with transaction(self._db):
            self._db.executemany(statements.write_gap(), map(rows.gap_row, gaps))

    def write_alerts(self, alerts: Sequence[Alert]) -> None:
        """Write the alerts, each in place of its earlier version."""
        with transaction(self._db):
            self._db.executemany(statements.write_alert(), map(rows.alert_row, alerts))

    def delete_expired(self, retention: Retention, now_ns: int) -> int:
        """Delete a part of the expired rows; return their number, 0 when none is left."""
        with transaction(self._db):
            deleted = delete_expired(self._db, retention, now_ns)
            events_from = retention.events_from_ns(home_time_ns(self._db, now_ns))
            if not deleted and events_from is not None:
                deleted = delete_unused_facts(self._db, events_from // DAY_NS, _FACTS_PER_STEP)
                self._facts.forget()
        self._captured_from = None
        self._log.keep_short()
        return deleted

    def _duplicates(self, points: Sequence[EventPoint], series: dict[SeriesKey, int], last_id: int) -> list[int]:
        new = self._db.execute("SELECT series, time_ns FROM events WHERE id > ?", (last_id,))
        return repeats(((series[point.series_key], point.time_ns) for point in points), new)

    def _note_captured_from(self, points: Sequence[EventPoint]) -> int | None:
        """Store the time of the oldest event that was captured or recovered: from then on counts are complete.

        A snapshot contains states that are weeks old, and nothing of what happened since.
        """
        witnessed = [p.time_ns for p in points if p.origin_kind is not OriginKind.SNAPSHOT]
        if not witnessed:
            return self._captured_from
        oldest = min(witnessed)
        if self._captured_from is not None and self._captured_from <= oldest:
            return self._captured_from
        return self._db.execute(  # type: ignore[no-any-return]
            "INSERT INTO meta (key, value) VALUES (?, ?) "
            "ON CONFLICT (key) DO UPDATE SET value = min(value, excluded.value) RETURNING value",
            (CAPTURED_FROM, oldest),
        ).fetchone()[0]
