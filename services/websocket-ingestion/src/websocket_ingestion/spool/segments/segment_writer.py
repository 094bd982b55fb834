"""The active segment: the file that events are appended to. It begins with MAGIC and ends with a seal."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from ha_ingestor_core.events import RawEvent
from ha_ingestor_core.files.durable_file import sync_folder

from websocket_ingestion.spool.disk import sync_data, write_all
from websocket_ingestion.spool.segments.records import MAGIC, OVERHEAD, SEAL_SIZE, Seal, encode, encode_seal
from websocket_ingestion.spool.segments.segment import Segment, segment_path


class SegmentWriter:
    """One open segment. Everything blocks."""

    def __init__(self, fd: int, segment: Segment) -> None:
        self.segment = segment
        self.ahead = 0
        """Number of events written ahead of their commit."""
        self._ahead_bytes = 0
        self._fd = fd
        self._events = self._event_bytes = 0

    @classmethod
    def begin(cls, folder: Path, first_id: int) -> SegmentWriter:
        """Create the segment that begins with an event; raises OSError, and then leaves none."""
        path = segment_path(folder, first_id)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        writer = cls(fd, Segment(path, first_id, first_id - 1))
        try:
            write_all(fd, MAGIC)
            sync_folder(folder)
        except OSError:
            writer.abandon()
            raise
        writer.segment.size = len(MAGIC)
        return writer

    def write_ahead(self, events: list[RawEvent]) -> None:
        """Append events without a sync: the next `append` begins with them. Raises OSError."""
        data = encode(events, self.segment.last_id + self.ahead + 1)
        write_all(self._fd, data)
        self.ahead += len(events)
        self._ahead_bytes += len(data)

    def append(self, events: list[RawEvent]) -> None:
        """Append events, and return once they are on the disk; raises OSError."""
        data = encode(events[self.ahead :], self.segment.last_id + self.ahead + 1)
        write_all(self._fd, data)
        sync_data(self._fd)
        size = self._ahead_bytes + len(data)
        self.ahead = self._ahead_bytes = 0
        self.segment.size += size
        self.segment.last_id += len(events)
        self._events += len(events)
        self._event_bytes += size - len(events) * OVERHEAD

    def end(self) -> None:
        """Write the seal and close. The seal only saves reading the file at the next start, so it may fail."""
        if self.ahead:  # events without a commit belong into the next segment
            os.ftruncate(self._fd, self.segment.size)
        try:
            write_all(self._fd, encode_seal(Seal(self.segment.last_id, self._events, self._event_bytes)))
            self.segment.size += SEAL_SIZE
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, self.segment.size)
        os.close(self._fd)

    def abandon(self) -> bool:
        """Cut off what follows the last commit, and close; True where nothing was left and the file is deleted.

        After a failed write or sync the content beyond the last commit is unknown.
        """
        with contextlib.suppress(OSError):
            os.ftruncate(self._fd, self.segment.size)
        os.close(self._fd)
        is_empty = self.segment.last_id < self.segment.first_id
        if is_empty:
            with contextlib.suppress(OSError):
                self.segment.path.unlink()
        return is_empty
