"""The SQLite database of rejected events, bounded in size; its calls block."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog
from ha_ingestor_core.delivery import ReplayOutcome
from ha_ingestor_core.errors import NotFoundError, RejectedEventsFullError, StoreRefusedError
from ha_ingestor_store.answers import RejectedPage
from ha_ingestor_store.points import RejectedEvent
from ha_ingestor_store.questions import RecentRejected, RejectedCursor

from enrichment_pipeline.rejected.opening import (
    EMBEDDED_FILE,
    PAGE_BYTES,
    earlier_events,
    is_imported,
    mark_imported,
    open_file,
)
from enrichment_pipeline.rejected.schema import (
    COLUMNS,
    COLUMNS_WITHOUT_PAYLOAD,
    ENTRIES,
    INSERT,
    PAGE,
    WHERE,
    event_of,
    page_parameters_of,
    parameters_of,
    row_of,
)

EntityKey = tuple[str, str]
"""Home and entity id."""

_PARTS = 16
"""A payload takes at most one part of the file and is cut beyond it. One part is reserved for marks of replays, which a
full file must be able to store."""
_BYTES_PER_ANSWER = 8 * 1024 * 1024
_DELETED_AT_ONCE = 1_000
_SUCCEEDED = tuple(outcome.value for outcome in ReplayOutcome if outcome is not ReplayOutcome.REJECTED)

_log = structlog.get_logger()


class RejectedDatabase:
    """Rejected events and expired states; used by one thread. Raises sqlite3.Error and OSError.

    The file is opened by the first call, and by the next one where that failed.
    """

    def __init__(self, path: Path, *, limit_bytes: int) -> None:
        self.path = path
        self.limit_bytes = limit_bytes
        self.used_bytes = 0
        self.expired_states: dict[EntityKey, int] = {}
        self._connection: sqlite3.Connection | None = None
        self._is_closed = False

    def open(self) -> None:
        """Open the file; a damaged one is set aside, and a new one takes its place."""
        _ = self._db

    def close(self) -> None:
        """Close the file; every later call raises StoreRefusedError."""
        self._is_closed = True
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def keep(self, events: Sequence[RejectedEvent]) -> None:
        """Store the events, all or none; raises RejectedEventsFullError."""
        self._limit_pages(self.limit_bytes - self.limit_bytes // _PARTS)
        try:
            self._insert([row_of(event, self.limit_bytes // _PARTS) for event in events])
        finally:
            self._limit_pages(self.limit_bytes)

    def mark_replayed(self, replayed: RejectedEvent) -> None:
        """Store when and with what outcome an entry was replayed; raises NotFoundError."""
        if not self._db.execute("SELECT 1 FROM rejected_events WHERE id = ?", (replayed.id,)).fetchone():
            raise NotFoundError(f"There is no rejected event {replayed.id}", id=replayed.id)
        self._mark([replayed])

    def discard(self, ids: Sequence[str]) -> int:
        """Delete entries; return how many there were."""
        before = self._db.total_changes
        self._change("DELETE FROM rejected_events WHERE id = ?", [(each,) for each in ids])
        found = self._db.total_changes - before
        self._change("DELETE FROM replays WHERE id = ?", [(each,) for each in ids])
        return found

    def note_expired(self, states: dict[EntityKey, int]) -> None:
        """Store the times of states that have expired."""
        rows = [(*key, time_ns) for key, time_ns in states.items()]
        self._change("INSERT OR REPLACE INTO expired_states (home, entity_id, time_ns) VALUES (?, ?, ?)", rows)

    def page(self, question: RecentRejected) -> RejectedPage:
        """Return a page of entries, newest first; it also ends where its payloads exceed 8 MiB."""
        columns = COLUMNS if question.with_payloads else COLUMNS_WITHOUT_PAYLOAD
        found: list[RejectedEvent] = []
        size = 0
        for *values, payload_bytes in self._db.execute(PAGE.format(columns=columns), page_parameters_of(question)):
            size += payload_bytes if question.with_payloads else 0
            if found and (len(found) == question.limit or size > _BYTES_PER_ANSWER):
                return RejectedPage(found, RejectedCursor(found[-1].time_ns, found[-1].id))
            found.append(event_of(values))
        return RejectedPage(found)

    def one(self, rejected_id: str) -> RejectedEvent | None:
        """Return an entry; None where there is none with this id."""
        row = self._db.execute(f"SELECT {COLUMNS} FROM {ENTRIES} WHERE id = ?", (rejected_id,)).fetchone()
        return event_of(row) if row else None

    def counts(self, question: RecentRejected) -> dict[str, int]:
        """Return the number of entries by key, whatever the limit and the cursor."""
        query = f"SELECT key, count(*) FROM {ENTRIES} WHERE {WHERE} GROUP BY key"
        return dict(self._db.execute(query, parameters_of(question)).fetchall())

    def measure(self) -> None:
        """Update `used_bytes`."""
        pages, free = (self._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count"))
        self.used_bytes = (pages - free) * PAGE_BYTES

    @property
    def _db(self) -> sqlite3.Connection:
        if self._is_closed:
            raise StoreRefusedError(f"{self.path} is closed")
        if self._connection is None:
            self._connection = open_file(self.path)
            try:
                self._prepare(self._connection)
            except BaseException:
                self._connection.close()
                self._connection = None
                raise
        return self._connection

    def _prepare(self, db: sqlite3.Connection) -> None:
        if not is_imported(db):
            self._import_earlier_events()
            mark_imported(db)
        rows = db.execute("SELECT home, entity_id, time_ns FROM expired_states")
        self.expired_states = {(home, entity_id): time_ns for home, entity_id, time_ns in rows}
        self._limit_pages(self.limit_bytes)
        self.measure()

    def _import_earlier_events(self) -> None:
        """Import as many of the newest events of an earlier version's embedded store as fit."""
        embedded = self.path.with_name(EMBEDDED_FILE)
        if not embedded.is_file():
            return
        try:
            for events in earlier_events(embedded):
                self._import(events)
        except (sqlite3.Error, RejectedEventsFullError) as err:
            _log.warning("rejected_events_import_failed", file=str(embedded), error=str(err))

    def _import(self, events: Sequence[RejectedEvent]) -> None:
        try:
            self.keep(events)
        except RejectedEventsFullError:
            if len(events) == 1:
                raise
            for event in events:
                self._import([event])
        else:
            self._mark([event for event in events if event.outcome is not None])

    def _limit_pages(self, limit_bytes: int) -> None:
        self._db.execute(f"PRAGMA max_page_count = {limit_bytes // PAGE_BYTES}")

    def _insert(self, rows: Sequence[tuple[Any, ...]]) -> None:
        while True:
            try:
                self._change(INSERT, rows)
            except sqlite3.OperationalError as err:
                if err.sqlite_errorcode != sqlite3.SQLITE_FULL:
                    raise
                if not self._make_room():
                    raise RejectedEventsFullError(
                        f"{self.path} has reached REJECTED_LIMIT_BYTES ({self.limit_bytes:,}). Replay or discard "
                        "rejected events (`ha-ingestor rejected`), or raise the limit",
                        limit_bytes=self.limit_bytes,
                    ) from err
            else:
                return

    def _make_room(self) -> bool:
        """Delete the oldest entries whose replay succeeded: their events are in the store. Return whether any was."""
        marks = ", ".join("?" * len(_SUCCEEDED))
        oldest = f"SELECT id FROM {ENTRIES} WHERE outcome IN ({marks}) ORDER BY time_ns LIMIT {_DELETED_AT_ONCE}"
        return bool(self.discard([rejected_id for (rejected_id,) in self._db.execute(oldest, _SUCCEEDED)]))

    def _mark(self, replayed: Sequence[RejectedEvent]) -> None:
        marks = [(each.id, each.replayed_ns, each.outcome) for each in replayed]
        self._change("INSERT OR REPLACE INTO replays (id, replayed_ns, outcome) VALUES (?, ?, ?)", marks)

    def _change(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.executemany(statement, rows)
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        self.measure()
