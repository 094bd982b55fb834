"""The file of the rejected events: the pipeline's own, bounded, and the same whatever store the events go to."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import structlog
from ha_ingestor_core.clock import Clock, SystemClock
from ha_ingestor_core.delivery import ReplayOutcome
from ha_ingestor_core.errors import (
    IngestorError,
    NotFoundError,
    RejectedEventsFullError,
    StoreRefusedError,
    StoreUnavailableError,
)
from ha_ingestor_core.events import OriginKind
from ha_ingestor_core.files.durable_file import make_usable, note_damaged
from ha_ingestor_store.answers import RejectedPage
from ha_ingestor_store.points import RejectedEvent
from ha_ingestor_store.questions import RecentRejected, RejectedCursor
from msgspec.structs import replace

FILE_NAME = "rejected.sqlite3"
EMBEDDED_FILE = "events.sqlite3"

_PAGE_BYTES = 4096
_PARTS = 16
"""A payload takes at most this part of the file, and is cut beyond it. One part is left for marks of replays, which a
full file must be able to take."""
_BYTES_PER_ANSWER = 8 * 1024 * 1024
_ROOM_AT_ONCE = 1_000
_TAKEN_AT_ONCE = 100
_TAKEN_OVER = "PRAGMA user_version = 1"
"""Nothing of an earlier version is left to take over."""
_COLUMNS = RejectedEvent.__struct_fields__
_NAMES = ", ".join(_COLUMNS)
_REPLAY = ("replayed_ns", "outcome")
"""Apart from the entry: to mark one in place would write its payload again, for which a full file has no room."""
_KEPT = [name for name in _COLUMNS if name not in _REPLAY]
_ENTRIES = "rejected_events LEFT JOIN replays USING (id)"
_ENDED_WELL = tuple(outcome.value for outcome in ReplayOutcome if outcome is not ReplayOutcome.REJECTED)

_TABLES = """
CREATE TABLE IF NOT EXISTS rejected_events (
  id TEXT PRIMARY KEY, home TEXT NOT NULL, time_ns INTEGER NOT NULL, service TEXT NOT NULL, key TEXT NOT NULL,
  message TEXT NOT NULL, payload TEXT NOT NULL, origin_kind TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS rejected_by_time ON rejected_events (time_ns DESC, id, key, home, service);
CREATE TABLE IF NOT EXISTS replays (
  id TEXT PRIMARY KEY, replayed_ns INTEGER NOT NULL, outcome TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS expired_states (
  home TEXT, entity_id TEXT, time_ns INTEGER NOT NULL, PRIMARY KEY (home, entity_id)
) WITHOUT ROWID;
"""
_WHERE = (
    "time_ns >= :start AND time_ns < :end AND (:home IS NULL OR home = :home) "
    "AND (:service IS NULL OR service = :service) AND (:key IS NULL OR key = :key) "
    "AND (:replayed IS NULL OR (outcome IS NOT NULL) = :replayed)"
)
_PAGE = (
    f"SELECT {{columns}}, length(CAST(payload AS BLOB)) FROM {_ENTRIES} WHERE {_WHERE} AND (:cursor_ns IS NULL "
    "OR time_ns < :cursor_ns OR time_ns = :cursor_ns AND id > :cursor_id) ORDER BY time_ns DESC, id LIMIT :limit"
)

T = TypeVar("T")
EntityKey = tuple[str, str]
"""Home and entity id."""

_THEN = "a new file of rejected events is begun"

_log = structlog.get_logger()


class RejectedFile:
    """Keeps rejected events until they are replayed, and the states of snapshots that have expired.

    One entry has one id, so a repeat changes nothing. All methods raise StoreUnavailableError where the disk does not
    take or give the data.
    """

    def __init__(self, data_dir: Path, *, limit_bytes: int, clock: Clock | None = None) -> None:
        self.path = data_dir / FILE_NAME
        self.limit_bytes = limit_bytes
        self.last_error: IngestorError | None = None
        """Why nothing more is kept; None while events are."""
        self.expired_states: dict[EntityKey, int] = {}
        """The time of the newest state of each entity that was found to have expired."""
        self._used_bytes = 0
        self._clock = clock or SystemClock()
        self._failing_since = 0.0
        self._connection: sqlite3.Connection | None = None
        self._is_closed = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="rejected events")

    async def open(self) -> None:
        """Open the file, made where there is none; one that is damaged is set aside, and a new one takes its place.

        A disk that gives none keeps nothing from starting: it is tried again when the file is needed.
        """
        try:
            await self._run(lambda: self._db)
        except StoreUnavailableError as err:
            _log.error("rejected_events_not_opened", error=err.message)

    async def close(self) -> None:
        """Close the file."""
        await self._run(self._close)
        self._thread.shutdown()

    async def keep(self, events: Sequence[RejectedEvent]) -> None:
        """Keep the events, all or none; raises RejectedEventsFullError."""
        if not events:
            return
        try:
            await self._run(self._keep, events)
        except IngestorError as err:
            if self.last_error is None:
                self._failing_since = self._clock.monotonic()
                _log.error("rejected_events_not_kept", key=err.key, error=err.message)
            self.last_error = err
            raise
        self.last_error = None

    async def mark_replayed(self, replayed: RejectedEvent) -> None:
        """Keep the `replayed_ns` and `outcome` of an entry; raises NotFoundError."""
        await self._run(self._mark_replayed, replayed)

    async def discard(self, ids: Sequence[str]) -> int:
        """Delete entries for good, at a person's word; return how many there were."""
        return await self._run(self._discard, ids)

    async def note_expired(self, states: dict[EntityKey, int]) -> None:
        """Remember the times of states that have expired; what the disk does not take ends with this process."""
        if not states:
            return
        self.expired_states |= states
        try:
            await self._run(self._note_expired, states)
        except IngestorError as err:
            _log.warning("expired_states_not_kept", states=len(states), error=err.message)

    async def rejected_events(self, question: RecentRejected) -> RejectedPage:
        """Return rejected events, newest first; a page also ends where its payloads become many bytes."""
        return await self._run(self._page, question)

    async def rejected_event(self, rejected_id: str) -> RejectedEvent | None:
        """Return one rejected event by its id; None where there is none."""
        return await self._run(self._one, rejected_id)

    async def rejected_counts(self, question: RecentRejected) -> dict[str, int]:
        """Return how many events were rejected by key, whatever the limit and the cursor."""
        return await self._run(self._counts, question)

    async def measure(self) -> None:
        """Find out how full the file is: another process may have discarded entries."""
        if not self._is_closed:
            with suppress(IngestorError):
                await self._run(self._measure)

    def status(self) -> dict[str, Any]:
        """How full the file is, as JSON-ready values."""
        return {
            "bytes": self._used_bytes,
            "limit_bytes": self.limit_bytes,
            "last_error": self.last_error.message if self.last_error else None,
            "failing_s": self._clock.monotonic() - self._failing_since if self.last_error else None,
        }

    @property
    def _db(self) -> sqlite3.Connection:
        if self._is_closed:
            raise StoreRefusedError(f"{self.path} is closed")
        if self._connection is None:
            self._connection = self._open()
            try:
                self._prepare(self._connection)
            except BaseException:
                self._connection.close()
                self._connection = None
                raise
        return self._connection

    async def _run(self, call: Callable[..., T], *arguments: Any) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, call, *arguments)
        except (sqlite3.Error, OSError) as err:
            raise StoreUnavailableError(f"{self.path}: {err}. Check the disk of DATA_DIR") from err

    def _prepare(self, db: sqlite3.Connection) -> None:
        if not db.execute("PRAGMA user_version").fetchone()[0]:  # made just now, or by a process that was killed then
            self._take_over()
            db.execute(_TAKEN_OVER)
        rows = db.execute("SELECT home, entity_id, time_ns FROM expired_states")
        self.expired_states = {(home, entity_id): time_ns for home, entity_id, time_ns in rows}
        self._limit_pages(self.limit_bytes)
        self._measure()

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if make_usable(self.path, then=_THEN):
            return self._begun_anew()
        try:
            return self._connect()
        except sqlite3.DatabaseError as err:
            if isinstance(err, sqlite3.OperationalError):
                raise  # a disk that is full or read-only is no damage
            note_damaged(self.path, err, then=_THEN)
            return self._begun_anew()

    def _begun_anew(self) -> sqlite3.Connection:
        """Open a new file in place of a damaged one, which had taken over what there was."""
        for suffix in ("-wal", "-shm"):
            self.path.with_name(FILE_NAME + suffix).unlink(missing_ok=True)
        connection = self._connect()
        connection.execute(_TAKEN_OVER)
        return connection

    def _connect(self) -> sqlite3.Connection:
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        try:
            connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(_TABLES)
            connection.execute("SELECT count(*) FROM rejected_events").fetchone()
        except BaseException:
            connection.close()
            raise
        return connection

    def _take_over(self) -> None:
        """Take over what the embedded store of an earlier version kept; as much of the newest as fits."""
        embedded = self.path.with_name(EMBEDDED_FILE)
        if not embedded.is_file():
            return
        try:
            with closing(sqlite3.connect(f"file:{quote(str(embedded))}?mode=ro", uri=True)) as old:
                rows = old.execute(f"SELECT {_NAMES} FROM rejected_events ORDER BY time_ns DESC")
                while events := list(map(_event, rows.fetchmany(_TAKEN_AT_ONCE))):
                    self._take(events)
        except (sqlite3.Error, RejectedEventsFullError) as err:
            _log.warning("rejected_events_not_taken_over", file=str(embedded), error=str(err))

    def _take(self, events: Sequence[RejectedEvent]) -> None:
        try:
            self._keep(events)
        except RejectedEventsFullError:
            if len(events) == 1:
                raise
            for event in events:
                self._take([event])
        else:
            self._mark([event for event in events if event.outcome is not None])

    def _close(self) -> None:
        self._is_closed = True
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _keep(self, events: Sequence[RejectedEvent]) -> None:
        self._limit_pages(self.limit_bytes - self.limit_bytes // _PARTS)
        try:
            self._insert(events)
        finally:
            self._limit_pages(self.limit_bytes)

    def _limit_pages(self, limit_bytes: int) -> None:
        self._db.execute(f"PRAGMA max_page_count = {limit_bytes // _PAGE_BYTES}")

    def _insert(self, events: Sequence[RejectedEvent]) -> None:
        fitting = (_fitting(event, self.limit_bytes // _PARTS) for event in events)
        rows = [tuple(getattr(event, name) for name in _KEPT) for event in fitting]
        statement = f"INSERT OR IGNORE INTO rejected_events ({', '.join(_KEPT)}) VALUES ({', '.join('?' * len(_KEPT))})"
        while True:
            try:
                self._change(statement, rows)
            except sqlite3.OperationalError as err:
                if err.sqlite_errorcode != sqlite3.SQLITE_FULL:
                    raise
                if not self._make_room():
                    raise RejectedEventsFullError(
                        f"{self.path} holds as many rejected events as REJECTED_LIMIT_BYTES ({self.limit_bytes:,}) "
                        "allows: replay or discard some (`ha-ingestor rejected`), or raise the limit",
                        limit_bytes=self.limit_bytes,
                    ) from err
            else:
                return

    def _make_room(self) -> bool:
        """Forget the oldest entries whose replay ended well: their events are where they belong."""
        marks = ", ".join("?" * len(_ENDED_WELL))
        oldest = f"SELECT id FROM {_ENTRIES} WHERE outcome IN ({marks}) ORDER BY time_ns LIMIT {_ROOM_AT_ONCE}"
        return bool(self._discard([rejected_id for (rejected_id,) in self._db.execute(oldest, _ENDED_WELL)]))

    def _discard(self, ids: Sequence[str]) -> int:
        before = self._db.total_changes
        self._change("DELETE FROM rejected_events WHERE id = ?", [(each,) for each in ids])
        found = self._db.total_changes - before
        self._change("DELETE FROM replays WHERE id = ?", [(each,) for each in ids])
        return found

    def _mark_replayed(self, replayed: RejectedEvent) -> None:
        if not self._db.execute("SELECT 1 FROM rejected_events WHERE id = ?", (replayed.id,)).fetchone():
            raise NotFoundError(f"There is no rejected event {replayed.id}", id=replayed.id)
        self._mark([replayed])

    def _mark(self, replayed: Sequence[RejectedEvent]) -> None:
        marks = [(each.id, each.replayed_ns, each.outcome) for each in replayed]
        self._change("INSERT OR REPLACE INTO replays (id, replayed_ns, outcome) VALUES (?, ?, ?)", marks)

    def _note_expired(self, states: dict[EntityKey, int]) -> None:
        rows = [(*key, time_ns) for key, time_ns in states.items()]
        self._change("INSERT OR REPLACE INTO expired_states (home, entity_id, time_ns) VALUES (?, ?, ?)", rows)

    def _change(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.executemany(statement, rows)
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        self._measure()

    def _measure(self) -> None:
        pages, free = (self._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count"))
        self._used_bytes = (pages - free) * _PAGE_BYTES

    def _page(self, question: RecentRejected) -> RejectedPage:
        columns = _NAMES if question.with_payloads else _NAMES.replace("payload", "''")
        cursor = question.cursor
        asked = _values(question) | {
            "cursor_ns": cursor.time_ns if cursor else None,
            "cursor_id": cursor.id if cursor else None,
            "limit": question.limit + 1,
        }
        found: list[RejectedEvent] = []
        size = 0
        for *values, payload_bytes in self._db.execute(_PAGE.format(columns=columns), asked):
            size += payload_bytes if question.with_payloads else 0
            if found and (len(found) == question.limit or size > _BYTES_PER_ANSWER):
                return RejectedPage(found, RejectedCursor(found[-1].time_ns, found[-1].id))
            found.append(_event(values))
        return RejectedPage(found)

    def _one(self, rejected_id: str) -> RejectedEvent | None:
        row = self._db.execute(f"SELECT {_NAMES} FROM {_ENTRIES} WHERE id = ?", (rejected_id,)).fetchone()
        return _event(row) if row else None

    def _counts(self, question: RecentRejected) -> dict[str, int]:
        query = f"SELECT key, count(*) FROM {_ENTRIES} WHERE {_WHERE} GROUP BY key"
        return dict(self._db.execute(query, _values(question)).fetchall())


def _fitting(event: RejectedEvent, most_bytes: int) -> RejectedEvent:
    """Return the event with a payload that fits, under the id of the whole."""
    payload = event.payload.encode(errors="backslashreplace")
    if len(payload) <= most_bytes:
        return replace(event, payload=payload.decode())
    return replace(
        event,
        id=event.id,
        message=f"{event.message} (the payload of {len(payload):,} bytes is cut to {most_bytes:,})",
        payload=payload[:most_bytes].decode(errors="ignore"),
    )


def _event(row: Sequence[Any]) -> RejectedEvent:
    values = dict(zip(_COLUMNS, row, strict=True))
    values["origin_kind"] = OriginKind(values["origin_kind"])
    values["outcome"] = ReplayOutcome(values["outcome"]) if values["outcome"] else None
    return RejectedEvent(**values)


def _values(question: RecentRejected) -> dict[str, Any]:
    return {
        "start": question.time_range.start_ns,
        "end": question.time_range.end_ns,
        "home": question.home,
        "service": question.service,
        "key": question.key,
        "replayed": question.replayed,
    }
