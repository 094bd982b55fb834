"""Reads segments back; the active one from where the last read ended."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from websocket_ingestion.spool.disk import read_available
from websocket_ingestion.spool.segments.records import Scan, scan
from websocket_ingestion.spool.segments.segment import Segment


class _ReadPosition(Struct, frozen=True):
    path: Path
    last_id: int
    offset: int


class SegmentReader:
    """Remembers how far the active segment was read, because it is read while it grows."""

    def __init__(self) -> None:
        self._position: _ReadPosition | None = None

    def read(self, segment: Segment, after: int, *, is_active: bool) -> Scan:
        """Return what the segment holds beyond the number `after`, or all of it where any of it is damaged."""
        position = self._position
        if position and is_active and position.path == segment.path and position.last_id == after:
            data = read_available(segment.path, position.offset)[: segment.size - position.offset]
            found = scan(data, first_id=after + 1, last_id=segment.last_id, is_continued=True)
            if not found.is_damaged:
                return found
        data = read_available(segment.path)
        if is_active:
            data = data[: segment.size]
        return scan(data, first_id=segment.first_id, last_id=segment.last_id)

    def note_read(self, segment: Segment, last_id: int) -> None:
        """The segment was read up to the number `last_id`; where that is all of it, the next read begins there."""
        is_all = last_id == segment.last_id
        self._position = _ReadPosition(segment.path, last_id, segment.size) if is_all else None
