"""The spool's folder: append and sync, read again, forget; and what to do about files that are damaged.

Everything here blocks, and is called by one thread at a time. An event's number is its place in the order of all that
this folder ever took; a file is named by its first number and ends in a seal, but for the one that is written to.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path
from types import MappingProxyType

import structlog
from ha_ingestor_core.events import RawEvent
from ha_ingestor_core.files.durable_file import make_usable, set_aside, sync_folder
from ha_ingestor_core.reporting.totals import Totals
from msgspec import Struct

from websocket_ingestion.errors import SpoolUnusableError
from websocket_ingestion.spool import records
from websocket_ingestion.spool.cursor import Cursor, Position
from websocket_ingestion.spool.disk import (
    read_begin,
    read_end,
    read_what_can_be_read,
    sync_data,
    write_all,
    write_file,
)
from websocket_ingestion.spool.records import MAGIC, SEAL_SIZE, NumberedEvent, Scan, Seal

_log = structlog.get_logger()

_NAME = re.compile(r"\d{20}\.events")
_SAVING = ".saving"


class Segment(Struct):
    """One file, `size` bytes long, for the numbers `first_id` to `last_id`; `lost` of its events were told already."""

    path: Path
    first_id: int
    last_id: int
    size: int = 0
    lost: int = 0


class _Mark(Struct, frozen=True):
    path: Path
    last_id: int
    offset: int


class Found(Struct, frozen=True):
    """What of a file, or of all, is not acknowledged yet; `lost` are events that were there once and can't be read."""

    events: int = 0
    event_bytes: int = 0
    lost: int = 0


class Chunk(Struct, frozen=True):
    """Events that were read, all there are up to the number `last_id`; `lost` of them can't be read any more."""

    events: list[NumberedEvent]
    last_id: int
    lost: int = 0


class SpoolFolder:
    """The files of one home's spool."""

    def __init__(self, path: Path, *, segment_bytes: int) -> None:
        self.durable_id = 0
        self.acknowledged_id = 0
        self._base = 0
        self._ended = Totals()
        self._time_ns = 0
        self.damaged_files = 0
        self._path = path
        self._segment_bytes = segment_bytes
        self._segments: list[Segment] = []
        self._fd: int | None = None
        self._cursor: Cursor | None = None
        self._lock: int | None = None
        self._read_up_to: _Mark | None = None
        self._active_events = 0
        self._active_event_bytes = 0
        self.ahead = 0
        """How many events were written ahead of their commit."""
        self._ahead_bytes = 0

    @property
    def disk_bytes(self) -> int:
        """What the files of events take; those that were set aside are not among them."""
        return sum([segment.size for segment in self._segments])

    @property
    def totals(self) -> Totals:
        """What was ever received, and how it ended."""
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
        """Take stock of what is there, and set aside what is damaged.

        Raises SpoolUnusableError where no folder can be had or another process has it, and for nothing else.
        """
        try:
            self._make_folder()
            self._lock = _locked(self._path / "lock")
            self._cursor, aside = Cursor.open(self._path / "cursor")
            if aside:
                self._note_damage(aside, lost=0)
            return self._take_stock(self._cursor.position)
        except OSError as err:
            self.close()
            raise SpoolUnusableError(f"{self._path}: {err.strerror or err}", path=str(self._path)) from err

    def write_ahead(self, events: list[RawEvent]) -> None:
        """Append events that the next commit begins with: at once they outlive this process, and then a power cut.

        Raises OSError; then the next commit appends all of them.
        """
        try:
            data = records.encode(events, self.durable_id + self.ahead + 1)
            write_all(self._active_fd(), data)
        except OSError:
            self._abandon()
            raise
        self.ahead += len(events)
        self._ahead_bytes += len(data)

    def commit(
        self,
        events: list[RawEvent],
        acknowledged_id: int,
        ends: Mapping[int, Totals] = MappingProxyType({}),
        time_ns: int = 0,
    ) -> None:
        """Forget what is acknowledged and append the events, which are on the disk when this returns.

        `ends` is how the acknowledged ones ended, by the first number of those that ended together; `time_ns` is now.

        Raises OSError, and then none of the events was taken; what is acknowledged may be forgotten all the same.
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
        with contextlib.suppress(OSError):  # it helps to count what is lost one day; the events are safe without
            self._write_cursor()
        if self._segments[-1].size >= self._segment_bytes:
            self._end_segment()

    def read_after(self, position: int, up_to: int) -> Chunk:
        """The events that follow the number `position`, as far as one file has them."""
        segment = next((s for s in self._segments if s.last_id > position), None)
        if segment is None:
            return Chunk([], up_to)
        last_id = min(segment.last_id, up_to)
        scan = self._scan_from(segment, position)
        lost = self._save(segment, scan, after=position) if scan.bad_bytes or scan.holes else 0
        # On a full disk a damaged file stays what it is, and is found again: its loss is one loss.
        lost, segment.lost = max(0, lost - segment.lost), max(lost, segment.lost)
        # The file that is written to is read while it grows: the next time from here on.
        self._read_up_to = _Mark(segment.path, last_id, segment.size) if last_id == segment.last_id else None
        return Chunk([numbered for numbered in scan.events if position < numbered[0] <= last_id], last_id, lost)

    def close(self) -> None:
        """Let go of the files."""
        if self._fd is not None:
            self._end_segment()
        if self._cursor is not None:
            with contextlib.suppress(OSError):
                self._cursor.close()
            self._cursor = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _acknowledge(self, acknowledged_id: int, ends: Mapping[int, Totals]) -> None:
        before = self.acknowledged_id, self._ended
        fresh = [ended for first_id, ended in ends.items() if first_id > self.acknowledged_id]
        self.acknowledged_id, self._ended = acknowledged_id, sum(fresh, self._ended)
        try:
            self._write_cursor()
            self._forget()
        except OSError:
            self.acknowledged_id, self._ended = before  # so that it is tried again with the next commit
            raise

    def _make_folder(self) -> None:
        for folder in (self._path.parent, self._path):
            if folder.exists() and not folder.is_dir():
                self._note_damage(set_aside(folder), lost=0)
                folder.unlink(missing_ok=True)
        self._path.mkdir(parents=True, exist_ok=True)

    def _take_stock(self, position: Position | None) -> Found:
        for leftover in self._path.glob(f"*{_SAVING}"):
            with contextlib.suppress(OSError):
                leftover.unlink()
        paths = [path for path in sorted(self._path.iterdir()) if _NAME.fullmatch(path.name) and self._is_ours(path)]
        firsts = [int(path.stem) for path in paths]
        # Without a cursor all that is there is delivered, once more if need be.
        if position is None:
            before = firsts[0] - 1 if firsts else 0
            position = Position(acknowledged=before, base=before)
        self.acknowledged_id = position.acknowledged
        self._base, self._ended, self._time_ns = position.base, position.totals, position.time_ns
        found = []
        expected = position.acknowledged + 1
        for path, first_id, next_first in zip_longest(paths, firsts, firsts[1:]):
            if first_id > expected:
                found.append(self._note_missing(expected, first_id - 1))
            known_last = max(position.durable, first_id - 1) if next_first is None else next_first - 1
            segment = Segment(path, first_id, known_last)
            found.append(self._take_in(segment, is_newest=next_first is None))
            expected = max(expected, segment.last_id + 1)
        if position.durable >= expected:
            found.append(self._note_missing(expected, position.durable))
        self.durable_id = max(position.durable, expected - 1)
        self._forget()
        return Found(
            events=sum(part.events for part in found),
            event_bytes=sum(part.event_bytes for part in found),
            lost=sum(part.lost for part in found),
        )

    def _is_ours(self, path: Path) -> bool:
        """Whether there is anything of ours in a file; one that a crash left empty is deleted, others are set aside."""
        if read_begin(path, len(MAGIC)) == MAGIC:
            return True
        data = read_what_can_be_read(path)
        scan = records.scan(data, first_id=0, last_id=-1, may_hold_more=True)
        if scan.events or scan.seal:
            return True
        if path.is_file() and MAGIC.startswith(data.rstrip(b"\0")):
            path.unlink()
            return False
        self._note_damage(set_aside(path), lost=0)
        path.unlink(missing_ok=True)
        return False

    def _take_in(self, segment: Segment, *, is_newest: bool) -> Found:
        """Learn what a file holds; one that ends in its seal is read no further until its turn comes."""
        self._segments.append(segment)
        seal = records.decode_seal(read_end(segment.path, SEAL_SIZE))
        if seal and (is_newest or seal.last_id <= segment.last_id):
            segment.last_id = seal.last_id
            if segment.first_id > self.acknowledged_id:
                segment.size = segment.path.stat().st_size
                return Found(seal.events, seal.event_bytes)
        # What was written after the last commit that anybody heard of is whole all the same, and counts.
        scan = self._scan(segment, may_hold_more=is_newest)
        greatest = [number for number, _ in scan.events[-1:]] + ([scan.seal.last_id] if scan.seal else [])
        segment.last_id = max([segment.last_id, *greatest]) if is_newest else segment.last_id
        lost = 0
        if scan.bad_bytes or scan.holes:
            lost = segment.lost = self._save(segment, scan, after=self.acknowledged_id)
        elif scan.seal is None or scan.torn_bytes:
            self._seal_after_crash(segment, scan)
        else:
            segment.size = segment.path.stat().st_size
        waiting = [event for number, event in scan.events if number > self.acknowledged_id]
        return Found(len(waiting), sum(len(event.event) for event in waiting), lost)

    def _scan_from(self, segment: Segment, position: int) -> Scan:
        """What a file holds beyond a number, or all of it: so where anything of it is damaged."""
        mark = self._read_up_to
        if mark and self._is_active(segment) and mark.path == segment.path and mark.last_id == position:
            data = read_what_can_be_read(segment.path, mark.offset)[: segment.size - mark.offset]
            scan = records.scan(data, first_id=position + 1, last_id=segment.last_id, is_continued=True)
            if not (scan.bad_bytes or scan.holes):
                return scan
        return self._scan(segment)

    def _scan(self, segment: Segment, *, may_hold_more: bool = False) -> Scan:
        data = read_what_can_be_read(segment.path)
        if self._is_active(segment):
            data = data[: segment.size]
        return records.scan(data, first_id=segment.first_id, last_id=segment.last_id, may_hold_more=may_hold_more)

    def _save(self, segment: Segment, scan: Scan, after: int) -> int:
        """Set a damaged file aside; a whole one with what could be read takes its place. How many events are lost."""
        if self._is_active(segment):
            self._end_segment()
        whole = MAGIC + records.encode_numbered(scan.events) + records.encode_seal(_seal_of(segment, scan))
        saving = segment.path.with_suffix(_SAVING)
        lost = records.lost_in(scan.holes, after)
        try:
            write_file(saving, whole)
            aside = set_aside(segment.path)
            saving.replace(segment.path)
            sync_folder(self._path)
        except OSError as err:  # a full disk: what was read goes its way, and the file is looked at again next time
            with contextlib.suppress(OSError):
                saving.unlink(missing_ok=True)
            segment.size = len(whole)
            self.damaged_files += 1
            _log.error("spool_damaged", file=segment.path.name, events_lost=lost, not_set_aside=str(err))
            return lost
        segment.size = len(whole)
        self._note_damage(aside, lost)
        return lost

    def _seal_after_crash(self, segment: Segment, scan: Scan) -> None:
        """A file that was being written to: what was cut off in the middle of a write is dropped, the end marked."""
        segment.size = segment.path.stat().st_size - scan.torn_bytes
        with contextlib.suppress(OSError):
            os.truncate(segment.path, segment.size)
            if scan.seal is None:
                with segment.path.open("ab") as file:
                    file.write(records.encode_seal(_seal_of(segment, scan)))
                segment.size += SEAL_SIZE
        _log.info("spool_resumed_after_crash", file=segment.path.name, events=len(scan.events), cut_off=scan.torn_bytes)

    def _append(self, events: list[RawEvent]) -> None:
        fd = self._active_fd()
        data = records.encode(events[self.ahead :], self.durable_id + self.ahead + 1)
        write_all(fd, data)
        sync_data(fd)
        size = self._ahead_bytes + len(data)
        self.ahead = self._ahead_bytes = 0
        segment = self._segments[-1]
        segment.size += size
        segment.last_id = self.durable_id = self.durable_id + len(events)
        self._active_events += len(events)
        self._active_event_bytes += size - len(events) * records.OVERHEAD

    def _active_fd(self) -> int:
        if self._fd is None:
            self._begin_segment()
        assert self._fd is not None
        return self._fd

    def _begin_segment(self) -> None:
        path = self._path / f"{self.durable_id + 1:020d}.events"
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        self._segments.append(Segment(path, self.durable_id + 1, self.durable_id))
        self._active_events = self._active_event_bytes = 0
        write_all(self._fd, MAGIC)
        sync_folder(self._path)
        self._segments[-1].size = len(MAGIC)

    def _end_segment(self) -> None:
        """Seal the file that is written to. The seal only spares reading it at the next start, so it may fail."""
        assert self._fd is not None
        segment = self._segments[-1]
        if self.ahead:  # what no commit has taken yet goes into the next file
            os.ftruncate(self._fd, segment.size)
            self.ahead = self._ahead_bytes = 0
        seal = Seal(segment.last_id, self._active_events, self._active_event_bytes)
        try:
            write_all(self._fd, records.encode_seal(seal))
            segment.size += SEAL_SIZE
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, segment.size)
        os.close(self._fd)
        self._fd = None

    def _abandon(self) -> None:
        """After a failed write nobody knows what the file holds beyond its last commit: cut that off, begin another."""
        if self._fd is None:
            return
        fd, self._fd = self._fd, None
        self.ahead = self._ahead_bytes = 0
        segment = self._segments[-1]
        with contextlib.suppress(OSError):
            os.ftruncate(fd, segment.size)
        os.close(fd)
        if segment.last_id < segment.first_id:
            self._segments.pop()
            with contextlib.suppress(OSError):
                segment.path.unlink()

    def _forget(self) -> None:
        """Delete the files of which every event is acknowledged; of the one that is written to when it is half full."""
        newest = self._segments[-1] if self._fd is not None else None
        if newest and newest.size >= self._segment_bytes // 2 and newest.last_id <= self.acknowledged_id:
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
        """Before files are deleted, both slots must know that they may be: else they would be missed after a crash."""
        self._write_cursor()
        self._write_cursor()
        assert self._cursor is not None
        self._cursor.sync()

    def _is_active(self, segment: Segment) -> bool:
        return self._fd is not None and segment is self._segments[-1]

    def _note_damage(self, aside: Path, lost: int) -> None:
        self.damaged_files += 1
        _log.error("spool_damaged", set_aside=str(aside), events_lost=lost)

    def _note_missing(self, first_id: int, last_id: int) -> Found:
        """A file is gone. An empty one takes its place, so that its events are counted as lost only once."""
        lost = last_id - first_id + 1
        path = self._path / f"{first_id:020d}.events"
        self.damaged_files += 1
        _log.error("spool_file_missing", file=path.name, events_lost=lost)
        with contextlib.suppress(OSError):
            write_file(path, MAGIC + records.encode_seal(Seal(last_id, 0, 0)))
            self._segments.append(Segment(path, first_id, last_id, len(MAGIC) + SEAL_SIZE))
        return Found(lost=lost)


def _seal_of(segment: Segment, scan: Scan) -> Seal:
    return Seal(segment.last_id, len(scan.events), sum(len(event.event) for _, event in scan.events))


def _locked(path: Path) -> int:
    """A lock that ends with this process; raises SpoolUnusableError when another one has it."""
    make_usable(path, then="a new lock takes its place")
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as err:
        os.close(fd)
        raise SpoolUnusableError(f"{path.parent} is used by another process that captures this home") from err
    return fd
