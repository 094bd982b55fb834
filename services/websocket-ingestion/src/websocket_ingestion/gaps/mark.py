"""The mark on disk: up to when everything is captured, in Home Assistant's time.

It is written in place about once a second, two slots in turn, and outlives this process at once. A power cut may leave
an older one, which only means that a little more of the history is asked for.
"""

from __future__ import annotations

import os
import struct
from binascii import crc32
from pathlib import Path

from msgspec import Struct

from websocket_ingestion.spool.disk import sync_data

_SLOT = struct.Struct("<8sQqq")
_CHECKSUM = struct.Struct("<I")
_SLOT_SIZE = _SLOT.size + _CHECKSUM.size
_MAGIC = b"\xff\xfeMARK 1"


class Mark(Struct, frozen=True):
    """Everything that Home Assistant dates up to `complete_ns` is on disk; by our clock that was so at `written_ns`."""

    complete_ns: int
    written_ns: int


class MarkFile:
    """The file of one home's mark, open for writing; all of it blocks."""

    def __init__(self, fd: int, mark: Mark | None, sequence: int) -> None:
        self.mark = mark
        """The newest mark; None before the first."""
        self._fd = fd
        self._sequence = sequence

    @classmethod
    def open(cls, path: Path) -> MarkFile:
        """The file at a path, made where there is none; raises OSError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        sequence, mark = max(_slots(os.pread(fd, 2 * _SLOT_SIZE, 0)), default=(0, None), key=lambda slot: slot[0])
        return cls(fd, mark, sequence)

    def write(self, mark: Mark) -> None:
        """Replace the mark; raises OSError."""
        self._sequence += 1
        slot = _SLOT.pack(_MAGIC, self._sequence, mark.complete_ns, mark.written_ns)
        os.pwrite(self._fd, slot + _CHECKSUM.pack(crc32(slot)), self._sequence % 2 * _SLOT_SIZE)
        self.mark = mark

    def close(self) -> None:
        """Sync and let go of the file; raises OSError."""
        try:
            sync_data(self._fd)
        finally:
            os.close(self._fd)


def _slots(data: bytes) -> list[tuple[int, Mark]]:
    found = []
    for offset in (0, _SLOT_SIZE):
        slot = data[offset : offset + _SLOT.size]
        checksum = data[offset + _SLOT.size : offset + _SLOT_SIZE]
        if len(slot) == _SLOT.size and checksum == _CHECKSUM.pack(crc32(slot)):
            magic, sequence, complete_ns, written_ns = _SLOT.unpack(slot)
            if magic == _MAGIC:
                found.append((sequence, Mark(complete_ns, written_ns)))
    return found
