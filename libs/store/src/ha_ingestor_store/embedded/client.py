"""The embedded store's connection to its file: one writing thread, a few reading threads, our errors."""

from __future__ import annotations

import asyncio
import math
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import structlog
from ha_ingestor_core.alerts import Alert
from ha_ingestor_core.alive import Alive
from ha_ingestor_core.clock import Clock, SystemClock
from ha_ingestor_core.errors import IngestorError, StoreDamagedError, StoreRefusedError, StoreUnavailableError
from ha_ingestor_core.gaps import Gap
from ha_ingestor_core.reporting.totals import Totals
from ha_ingestor_core.service_metrics import ServiceMetricsPoint
from ha_ingestor_core.tasks import supervised

from ha_ingestor_store import answers, following, silence
from ha_ingestor_store.embedded import alerts, counts, entities, events, exports, gaps, senses, services
from ha_ingestor_store.embedded.capabilities import CAPABILITIES
from ha_ingestor_store.embedded.errors import translated
from ha_ingestor_store.embedded.patience import Patience, PatientConnection, connect_reader
from ha_ingestor_store.embedded.retention import KEEP_EVERYTHING, Retention, home_time_ns
from ha_ingestor_store.embedded.schema import check_pages, connect, prepare
from ha_ingestor_store.embedded.store_file import FILE_NAME, StoreFile, StoreLock
from ha_ingestor_store.embedded.totals import read_totals
from ha_ingestor_store.embedded.writer import Writer
from ha_ingestor_store.periods import TimeRange
from ha_ingestor_store.points import EventPoint, WeatherObservation
from ha_ingestor_store.questions import (
    EVERY_HOME,
    EntityHistory,
    EntityWindows,
    Homes,
    KnownEntities,
    RecentAlerts,
    RecentEvents,
    RecentGaps,
    SilentEntities,
)
from ha_ingestor_store.renames import BEGIN_NS, NO_RENAMES, Renames, Stretch
from ha_ingestor_store.store import Capabilities, Tally

_READERS = 4
_REOPENED_EVERY_S = 5.0
_FIRST_DELETED_AFTER_S = 30.0
_DELETED_EVERY_S = 600.0
_REST_BETWEEN_STEPS_S = 0.1
_LONGEST_QUESTION_S = 60.0
_MOST_QUESTIONS = 200

_log = structlog.get_logger()

P = ParamSpec("P")
R = TypeVar("R")


class EmbeddedStore:
    """`Store` on a SQLite file; readers never block the writer, nor the writer them."""

    def __init__(self, path: Path, retention: Retention, clock: Clock) -> None:
        self._path = path
        self._retention = retention
        self._clock = clock
        self._deleting: asyncio.Task[None] | None = None
        self._file = StoreFile(path)
        self._lock: StoreLock | None = None
        self._trouble: StoreDamagedError | StoreUnavailableError | None = None
        self._tried_at = -math.inf
        self._opened_times = 0
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._reading = ThreadPoolExecutor(_READERS, thread_name_prefix="store-reader")
        self._writer_connection: sqlite3.Connection | None = None
        self._writer: Writer | None = None
        self._local = threading.local()
        self._reader_connections: list[sqlite3.Connection] = []
        self._known_renames: tuple[int, Renames] = 0, NO_RENAMES
        self._is_closing = False
        self._questions = 0

    @classmethod
    async def open(
        cls, data_dir: Path, retention: Retention = KEEP_EVERYTHING, clock: Clock | None = None
    ) -> EmbeddedStore:
        """Open the file in a folder, both made where missing; raises StoreRefusedError, such as for a foreign file.

        A file that is damaged or can't be opened is no reason to end: every call raises what is wrong with it, until it
        is whole again.
        """
        store = cls(data_dir / FILE_NAME, retention, clock or SystemClock())
        try:
            await asyncio.get_running_loop().run_in_executor(store._writing, copy_context().run, store._open)
        except (StoreDamagedError, StoreUnavailableError):
            return store
        except BaseException:
            await store.close()
            raise
        return store

    @property
    def capabilities(self) -> Capabilities:
        """What this dialect can do."""
        return CAPABILITIES

    @property
    def version(self) -> str:
        """Return the release of what keeps the data; None until it has answered."""
        return f"SQLite {sqlite3.sqlite_version}"

    async def close(self) -> None:
        """Finish what is being written, break off what is being read, fold the log back, and let go of the file."""
        self._is_closing = True
        if self._deleting is not None:
            self._deleting.cancel()
            await asyncio.wait({self._deleting})
        await asyncio.to_thread(self._reading.shutdown)
        await asyncio.to_thread(self._writing.shutdown)
        for connection in (*self._reader_connections, self._writer_connection):
            if connection is not None:
                connection.close()
        self._reader_connections.clear()
        self._writer_connection = self._writer = None
        if self._lock is not None:
            self._lock.release()

    async def write_events(self, points: Sequence[EventPoint], tally: Tally | None = None) -> answers.WriteResult:
        """Store the points durably; a repeat changes nothing."""
        return await self._write(Writer.write_events, points, tally)

    async def kept_from_ns(self) -> int | None:
        """Return the time before which events have expired; None where all are kept, or that is not known."""
        if not self._retention.event_days:
            return None
        return self._retention.events_from_ns(await self._read(home_time_ns, self._clock.now_ns()))

    async def delete_expired(self) -> int:
        """Delete a part of what has expired; how many rows, 0 when there is nothing left."""
        return await self._write(Writer.delete_expired, self._retention, self._clock.now_ns())

    def keep_deleting(self) -> None:
        """Delete what expires from now on, in the background: as the one process that writes events."""
        self._deleting = supervised(self._delete_for_ever, name="retention")

    async def _delete_for_ever(self) -> None:
        wait_s = _FIRST_DELETED_AFTER_S
        while True:
            await asyncio.sleep(wait_s)
            wait_s = _DELETED_EVERY_S
            try:
                while await self.delete_expired():  # noqa: ASYNC110  # the writer has its turn in between
                    await asyncio.sleep(_REST_BETWEEN_STEPS_S)
            except IngestorError as err:
                _log.warning("expired_events_not_deleted", key=err.key, error=err.message)
            except Exception:
                _log.exception("retention_failed_unexpectedly")

    async def totals(self, service: str) -> Totals:
        """What the tallies of a service have added up to; None where this store has no transactions to keep it in."""
        return await self._read(read_totals, service)

    async def write_weather(self, observations: Sequence[WeatherObservation]) -> list[answers.RejectedPoint]:
        """Store the observations; one with the same key is replaced. Raises what `write_events` does."""
        await self._write(Writer.write_weather, observations)
        return []

    async def write_service_metrics(self, points: Sequence[ServiceMetricsPoint]) -> None:
        """Store the points; raises IngestorError when it can't, and then stored none of them."""
        await self._write(Writer.write_service_metrics, points)

    async def write_alive(self, signs: Sequence[Alive]) -> None:
        """Keep the newest sign of each entity and hour; from one call to the next an entity's signs become newer."""
        await self._write(Writer.write_alive, signs)

    async def write_gaps(self, gaps: Sequence[Gap]) -> None:
        """Keep the gaps, each in place of its earlier version; raises StoreUnavailableError and StoreRefusedError."""
        await self._write(Writer.write_gaps, gaps)

    async def write_alerts(self, alerts: Sequence[Alert]) -> None:
        """Keep the alerts, each in place of its earlier version; raises StoreUnavailableError and StoreRefusedError."""
        await self._write(Writer.write_alerts, alerts)

    async def event_count(self, time_range: TimeRange) -> answers.EventCount:
        """How many events the range holds; cheaper than `event_statistics`."""
        return await self._read(counts.event_count, time_range)

    async def event_statistics(self, time_range: TimeRange) -> answers.EventStatistics:
        """How many events the range holds, by event type and by domain."""
        return await self._read(counts.event_statistics, time_range)

    async def event_trend(self, time_range: TimeRange, window_ns: int) -> list[answers.TrendPoint]:
        """The events of the range in windows aligned to 1970, empty ones too; their sum is the range's total."""
        return await self._read(counts.event_trend, time_range, window_ns)

    async def error_rate(self, time_range: TimeRange) -> answers.ErrorRate:
        """The write attempts and write errors of all services."""
        return await self._read(services.error_rate, time_range)

    async def service_statistics(
        self, time_range: TimeRange, service: str | None = None
    ) -> list[answers.ServiceStatistics]:
        """Every service that reported in the range, by name."""
        return await self._read(services.service_statistics, time_range, service)

    async def service_trend(
        self, service: str, name: str, time_range: TimeRange, window_ns: int
    ) -> list[answers.ServiceTrendPoint]:
        """One counter (summed) or level (mean) of a service, in windows that hold any point."""
        return await self._read(services.service_trend, service, name, time_range, window_ns)

    async def service_windows(
        self, time_range: TimeRange, window_ns: int, service: str | None = None
    ) -> list[answers.ServiceWindow]:
        """Return the windows of each service, or one, by name, then time."""
        return await self._read(services.service_windows, time_range, window_ns, service)

    async def latest_metrics(self, service: str | None = None, limit: int = 1000) -> list[answers.LatestMetric]:
        """The fields of the newest point of every service and instance."""
        return await self._read(services.latest_metrics, service, limit)

    async def recent_events(self, question: RecentEvents) -> answers.EventPage:
        """Events, newest first; of one entity through all its renames."""
        renames = await self._renames()
        return await following.recent(renames, question, lambda part: self._read(events.recent_events, part))

    async def entity_history(self, question: EntityHistory) -> answers.HistoryPage:
        """The states of one entity of a home, oldest first, through all its renames."""
        return await following.history(await self._renames(), question, self)

    async def entity_windows(self, question: EntityWindows) -> answers.WindowsPage:
        """The numbers of one entity of a home, in windows, through all its renames."""
        return await following.windows(await self._renames(), question, self)

    async def states(self, stretch: Stretch, limit: int) -> list[answers.HistoryPoint]:
        """At most `limit` states, oldest first."""
        return await self._read(entities.states, stretch, limit)

    async def last_state(self, stretch: Stretch) -> answers.HistoryPoint | None:
        """The newest state."""
        return await self._read(entities.last_state, stretch)

    async def last_unit(self, stretch: Stretch) -> str | None:
        """The unit of the newest state that has one."""
        return await self._read(entities.last_unit, stretch)

    async def homes(self) -> list[str]:
        """The homes that have events, by name."""
        return await self._read(entities.homes)

    async def entity_homes(self, entity_id: str) -> list[str]:
        """The homes in which an entity of this id, or one that is called so now, has states, by name."""
        changes = await self.last_changes(BEGIN_NS, [entity_id])
        return await following.homes_of(await self._renames(), entity_id, changes, self)

    async def busiest_entities(
        self, time_range: TimeRange, limit: int = 10, homes: Homes = EVERY_HOME
    ) -> list[answers.EntityCount]:
        """Entities by their number of events of any type, most first, then by the name of today, then by home."""
        counted = await self._read(counts.count_by_entity, time_range)
        found = {key: count for key, count in counted.items() if homes.include(key[0])}
        renames = await self._renames()
        return await following.busiest(
            renames, found, time_range, limit, lambda stretch: self._read(senses.count_stretch, stretch)
        )

    async def known_entities(self, question: KnownEntities) -> list[answers.KnownEntity]:
        """The entities that had a state in the range, by home and name; not those that are called otherwise now."""
        found = await self._read(entities.known_entities, question)
        return following.present(await self._renames(), found)

    async def silent_entities(self, question: SilentEntities) -> list[answers.EntitySilence]:
        """Entities that are silent."""
        return await silence.silent_entities(self, await self._renames(), question)

    async def last_changes(self, start_ns: int, entity_ids: Collection[str] | None = None) -> list[silence.LastChange]:
        """The newest state change of every entity since then, once for each of its series; of these or of all."""
        return await self._read(senses.last_changes, start_ns, entity_ids)

    async def long_unchanged(
        self, before_ns: int, limit: int, known: Collection[silence.Key]
    ) -> list[silence.LastChange]:
        """The newest state change of those unchanged since then, at least of the first `limit`; without the known."""
        return await self._read(senses.long_unchanged, before_ns)

    async def last_signs(self, start_ns: int) -> dict[silence.Key, int]:
        """The newest sign of life of every entity since then."""
        return await self._read(senses.last_signs, start_ns)

    async def changes(self, time_range: TimeRange) -> Mapping[silence.Key, int]:
        """How many events name each entity, at least as many as it has state changes."""
        return await self._read(senses.changes, time_range)

    async def hours(self, entity_ids: Collection[str], time_range: TimeRange) -> list[tuple[silence.Key, int]]:
        """The hours since 1970 in which an entity changed or gave a sign of life."""
        return await self._read(senses.hours, entity_ids, time_range)

    async def gaps(self, question: RecentGaps) -> answers.GapPage:
        """Stretches of time in which nothing was captured, newest first."""
        return await self._read(gaps.recent_gaps, question)

    async def alerts(self, question: RecentAlerts) -> answers.AlertPage:
        """Alerts that were active in a range, newest first."""
        return await self._read(alerts.recent_alerts, question)

    async def export_events(self, after_ns: int | None, limit: int) -> list[EventPoint]:
        """Events by their time, then by their tags."""
        return await self._read(exports.export_events, after_ns, limit)

    async def export_service_metrics(self, after_ns: int | None, limit: int) -> list[ServiceMetricsPoint]:
        """Reports by their time, service and instance."""
        return await self._read(exports.export_service_metrics, after_ns, limit)

    async def export_weather(self, after_ns: int | None, limit: int) -> list[WeatherObservation]:
        """Observations of the weather by their time, home and source."""
        return await self._read(exports.export_weather, after_ns, limit)

    async def weather(self, time_range: TimeRange, limit: int = 1000) -> list[WeatherObservation]:
        """The newest observations of the range: newest first, then by home and source."""
        return await self._read(events.weather, time_range, limit)

    async def ping(self) -> None:
        """Return when the store answers a query; raises StoreUnavailableError or StoreRefusedError."""
        await self._read(_ping)

    async def expect(self, time_range: TimeRange) -> None:
        """Many points of this range will be written, in any order; nothing is needed."""

    async def roll_up(self) -> None:
        """Bring the rollups up to now, where they are not kept in the transaction of the events; they always are."""

    async def _renames(self) -> Renames:
        number, known = self._known_renames
        if await self._read(senses.number_of_renames) != number:
            known = await self._read(senses.renames)
            self._known_renames = len(known), known
        return known

    def _open(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if self._lock is None or not self._lock.is_held:
                self._lock = StoreLock(self._path.parent)
        except OSError as err:
            raise StoreRefusedError(f"{self._path.parent}: {err.strerror}", path=str(self._path.parent)) from err
        trouble, self._tried_at = self._trouble, time.monotonic()
        try:
            if not self._lock.is_held:
                raise StoreUnavailableError(f"{self._path} is being restored", retry_after_s=_REOPENED_EVERY_S)
            self._file.check_before_opening()
            with translated(self._path):
                prepare(self._path)
                self._writer_connection = connect(self._path)
                if isinstance(trouble, StoreDamagedError):
                    check_pages(self._writer_connection, self._path)
                self._writer = Writer(self._writer_connection)
            self._file.opened()
        except (StoreDamagedError, StoreUnavailableError) as err:
            self._note_trouble(err)
            raise
        self._opened_times += 1
        if trouble:
            _log.info("store_file_is_whole_again", path=str(self._path))
        self._trouble = None

    def _note_trouble(self, err: StoreDamagedError | StoreUnavailableError) -> None:
        """Let go of the file, so that it can be exchanged, and look at it again every few seconds."""
        if self._trouble is None:
            _log.error(err.key, path=str(self._path), error=err.message)
        self._trouble = err
        if self._writer_connection is not None:
            with suppress(sqlite3.Error):
                self._writer_connection.close()
        self._writer_connection = self._writer = None

    def _opened_writer(self) -> Writer:
        if self._trouble is not None and not self._is_closing:
            if time.monotonic() - self._tried_at < _REOPENED_EVERY_S:
                raise self._trouble
            self._open()
        if self._writer is None:
            raise self._closed_error()
        self._file.check()
        return self._writer

    async def _write(self, method: Callable[Concatenate[Writer, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        def call() -> R:
            try:
                with translated(self._path):
                    return method(self._opened_writer(), *args, **kwargs)
            except StoreDamagedError as err:
                self._note_trouble(err)
                raise

        return await self._submit(self._writing, call)

    async def _read(
        self, question: Callable[Concatenate[sqlite3.Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        patience = Patience(lambda: self._is_closing, _LONGEST_QUESTION_S)

        def call() -> R:
            if self._trouble is not None:
                raise self._trouble
            with translated(self._path), patience.over(self._reader_connection()) as connection:
                return question(connection, *args, **kwargs)

        if self._questions >= _MOST_QUESTIONS:
            raise StoreUnavailableError(f"{self._questions} questions wait for the store", retry_after_s=1.0)
        self._questions += 1
        try:
            return await self._submit(self._reading, call)
        except asyncio.CancelledError:
            patience.end()
            raise
        finally:
            self._questions -= 1

    async def _submit(self, executor: ThreadPoolExecutor, call: Callable[[], R]) -> R:
        try:
            # In the caller's context: what is logged there belongs to the caller's service.
            submitted = asyncio.get_running_loop().run_in_executor(executor, copy_context().run, call)
        except RuntimeError as err:  # the executor was shut down
            raise self._closed_error() from err
        return await submitted

    def _reader_connection(self) -> PatientConnection:
        connection: PatientConnection | None = getattr(self._local, "connection", None)
        if connection is None or self._local.opened_times != self._opened_times:
            if connection is not None:
                self._reader_connections.remove(connection)
                connection.close()
            connection = self._local.connection = connect_reader(self._path)
            self._local.opened_times = self._opened_times
            self._reader_connections.append(connection)
        return connection

    def _closed_error(self) -> StoreRefusedError:
        return StoreRefusedError(f"{self._path} is closed", path=str(self._path))


def _ping(db: sqlite3.Connection) -> None:
    db.execute("SELECT count(*) FROM meta").fetchone()
