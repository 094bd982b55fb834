"""The log of one home's spool: its segments on disk, the cursor beside them, and the lock on the folder.

Everything here blocks, and is called by one thread at a time. An event's number is its place in the order of all that
this log ever took.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from ha_ingestor_core.events import RawEvent
from ha_ingestor_core.files.file_lock import FileLock
from ha_ingestor_core.reporting.totals import Totals

from websocket_ingestion.errors import SpoolUnusableError
from websocket_ingestion.spool.segments.cursor import Cursor, Position
from websocket_ingestion.spool.segments.recovery import recover
from websocket_ingestion.spool.segments.repair import Repair
from websocket_ingestion.spool.segments.segment import Chunk, Found, Segment
from websocket_ingestion.spool.segments.segment_reader import SegmentReader
from websocket_ingestion.spool.segments.segment_writer import SegmentWriter


class SegmentLog:
    """Appends events durably, reads them again, and deletes the segments whose events are all acknowledged."""

    def __init__(self, path: Path, *, segment_bytes: int) -> None:
        self.durable_id = 0
        self.acknowledged_id = 0
        self._base = 0
        self._ended = Totals()
        self._time_ns = 0
        self._path = path
        self._segment_bytes = segment_bytes
        self._segments: list[Segment] = []
        self._writer: SegmentWriter | None = None
        self._reader = SegmentReader()
        self._repair = Repair(path)
        self._cursor: Cursor | None = None
        self._lock = FileLock(path / "lock")

    @property
    def disk_bytes(self) -> int:
        """Size of the segments; files that were set aside are not included."""
        return sum([segment.size for segment in self._segments])

    @property
    def damaged_files(self) -> int:
        """Number of damaged files found since the start."""
        return self._repair.damaged_files

    @property
    def ahead(self) -> int:
        """Number of events written ahead of their commit."""
        return 0 if self._writer is None else self._writer.ahead

    @property
    def totals(self) -> Totals:
        """How many events were ever received, and how they ended."""
        return self._position.totals

    @property
    def _position(self) -> Position:
        ended = self._ended
        return Position(
            acknowledged=self.acknowledged_id,
            durable=self.durable_id,
            base=self._base,
            written=ended.written,
            duplicate=ended.duplicate,
            filtered=ended.filtered,
            rejected=ended.rejected,
            expired=ended.expired,
            time_ns=self._time_ns,
        )

    def open(self) -> Found:
        """Lock the folder and find what an earlier process left; damaged files are set aside.

        Raises SpoolUnusableError where the folder cannot be used or another process has locked it, and nothing else.
        """
        try:
            self._make_folder()
            if not self._lock.acquire():
                raise SpoolUnusableError(
                    f"{self._lock.path} is locked by another process that captures this home. Stop that process, "
                    "or set another DATA_DIR for this one.",
                    path=str(self._path),
                )
            self._cursor, aside = Cursor.open(self._path / "cursor")
            if aside:
                self._repair.note(aside)
            recovered = recover(self._path, self._cursor.position, self._repair)
            position = recovered.position
            self._segments = recovered.segments
            self.acknowledged_id, self.durable_id = position.acknowledged, recovered.durable_id
            self._base, self._ended, self._time_ns = position.base, position.totals, position.time_ns
            self._delete_acknowledged()
            return recovered.found
        except OSError as err:
            self.close()
            message = f"Cannot use {self._path}: {err.strerror or err}. Check its permissions and the disk."
            raise SpoolUnusableError(message, path=str(self._path)) from err

    def write_ahead(self, events: list[RawEvent]) -> None:
        """Append events that the next commit begins with: they survive a kill at once, a power cut after the commit.

        Raises OSError; then the next commit appends all of them.
        """
        try:
            self._active().write_ahead(events)
        except OSError:
            self._abandon()
            raise

    def commit(
        self,
        events: list[RawEvent],
        acknowledged_id: int,
        ends: Mapping[int, Totals] = MappingProxyType({}),
        time_ns: int = 0,
    ) -> None:
        """Delete what is acknowledged and append the events, which are on the disk when this returns.

        `ends` is how the acknowledged ones ended, by the first number of those that ended together; `time_ns` is now.

        Raises OSError, and then none of the events was taken; acknowledged events may be deleted nevertheless.
        """
        self._time_ns = time_ns or self._time_ns
        if acknowledged_id > self.acknowledged_id:
            self._acknowledge(acknowledged_id, ends)
        if not events:
            return
        try:
            self._append(events)
        except OSError:
            self._abandon()
            raise
        with contextlib.suppress(OSError):  # only needed to count events that damage destroys later
            self._write_cursor()
        if self._segments[-1].size >= self._segment_bytes:
            self._end_segment()

    def read_after(self, position: int, up_to: int) -> Chunk:
        """Return the events that follow the number `position`, as far as one segment has them."""
        segment = next((s for s in self._segments if s.last_id > position), None)
        if segment is None:
            return Chunk([], up_to)
        last_id = min(segment.last_id, up_to)
        found = self._reader.read(segment, position, is_active=self._is_active(segment))
        lost = 0
        if found.is_damaged:
            if self._is_active(segment):
                self._end_segment()
            lost = self._repair.replace(segment, found, after=position)
        # On a full disk a damaged segment stays as it is and is found again: its events are lost only once.
        lost, segment.lost = max(0, lost - segment.lost), max(lost, segment.lost)
        self._reader.note_read(segment, last_id)
        return Chunk([numbered for numbered in found.events if position < numbered[0] <= last_id], last_id, lost)

    def close(self) -> None:
        """Close the files and release the lock."""
        if self._writer is not None:
            self._end_segment()
        if self._cursor is not None:
            with contextlib.suppress(OSError):
                self._cursor.close()
            self._cursor = None
        self._lock.release()

    def _make_folder(self) -> None:
        for folder in (self._path.parent, self._path):
            if folder.exists() and not folder.is_dir():
                self._repair.set_aside(folder)
        self._path.mkdir(parents=True, exist_ok=True)

    def _acknowledge(self, acknowledged_id: int, ends: Mapping[int, Totals]) -> None:
        before = self.acknowledged_id, self._ended
        fresh = [ended for first_id, ended in ends.items() if first_id > self.acknowledged_id]
        self.acknowledged_id, self._ended = acknowledged_id, sum(fresh, self._ended)
        try:
            self._write_cursor()
            self._delete_acknowledged()
        except OSError:
            self.acknowledged_id, self._ended = before  # so that the next commit tries again
            raise

    def _append(self, events: list[RawEvent]) -> None:
        self._active().append(events)
        self.durable_id += len(events)

    def _active(self) -> SegmentWriter:
        if self._writer is None:
            self._writer = SegmentWriter.begin(self._path, self.durable_id + 1)
            self._segments.append(self._writer.segment)
        return self._writer

    def _end_segment(self) -> None:
        assert self._writer is not None
        self._writer.end()
        self._writer = None

    def _abandon(self) -> None:
        """After a failed write the next commit begins a new segment."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            if writer.abandon():
                self._segments.remove(writer.segment)

    def _delete_acknowledged(self) -> None:
        """Delete the segments whose events are all acknowledged; the active one is ended first if it is half full."""
        active = self._writer.segment if self._writer else None
        if active and active.size >= self._segment_bytes // 2 and active.last_id <= self.acknowledged_id:
            self._end_segment()
        ended = [s for s in self._segments if s.last_id <= self.acknowledged_id and not self._is_active(s)]
        if not ended:
            return
        self._sync_cursor()
        for segment in ended:
            segment.path.unlink(missing_ok=True)
            self._segments.remove(segment)

    def _write_cursor(self) -> None:
        assert self._cursor is not None
        self._cursor.write(self._position)

    def _sync_cursor(self) -> None:
        """Before segments are deleted, both slots must have the position: else a crash reports them as missing."""
        self._write_cursor()
        self._write_cursor()
        assert self._cursor is not None
        self._cursor.sync()

    def _is_active(self, segment: Segment) -> bool:
        return self._writer is not None and segment is self._writer.segment
