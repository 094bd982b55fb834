"""The cursor file: up to which number events are acknowledged, and up to which they were durable.

It is written in place and never grows, so that it can be written when the disk is full. Two slots are written in turn:
one that a power cut tore leaves the other.
"""

from __future__ import annotations

import os
import struct
from binascii import crc32
from pathlib import Path

from msgspec import Struct

from websocket_ingestion.spool.disk import set_aside, sync_data

_SLOT = struct.Struct("<8sQQQ")
_CHECKSUM = struct.Struct("<I")
_SLOT_SIZE = _SLOT.size + _CHECKSUM.size
_MARK = b"\xff\xfeCURSOR"


class Position(Struct, frozen=True):
    """Numbers of events: the last of all that are acknowledged, and the last that was durable."""

    acknowledged: int = 0
    durable: int = 0


class Cursor:
    """The file, open for writing."""

    def __init__(self, fd: int, position: Position | None, sequence: int) -> None:
        self.position = position
        """What the file told when it was opened; None when it told nothing."""
        self._fd = fd
        self._sequence = sequence

    @classmethod
    def open(cls, path: Path) -> tuple[Cursor, Path | None]:
        """The cursor at a path, and where a damaged one was set aside; raises OSError."""
        slots, aside = _read(path), None
        if slots is None:
            aside = set_aside(path)
            path.unlink(missing_ok=True)
        sequence, position = max(slots or [], default=(0, None), key=lambda slot: slot[0])
        fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        return cls(fd, position, sequence), aside

    def write(self, position: Position) -> None:
        """Note a position: it outlives this process at once, a power cut once it is synced. Raises OSError."""
        self._sequence += 1
        slot = _SLOT.pack(_MARK, self._sequence, position.acknowledged, position.durable)
        os.pwrite(self._fd, slot + _CHECKSUM.pack(crc32(slot)), self._sequence % 2 * _SLOT_SIZE)

    def sync(self) -> None:
        """Return once the position is on the disk; raises OSError."""
        sync_data(self._fd)

    def close(self) -> None:
        """Sync and let go of it; raises OSError."""
        try:
            self.sync()
        finally:
            os.close(self._fd)


def _read(path: Path) -> list[tuple[int, Position]] | None:
    """The slots that are whole; None where there is something, but no cursor."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError:
        return None
    slots = []
    for offset in (0, _SLOT_SIZE):
        slot = data[offset : offset + _SLOT.size]
        checksum = data[offset + _SLOT.size : offset + _SLOT_SIZE]
        if len(slot) == _SLOT.size and checksum == _CHECKSUM.pack(crc32(slot)):
            mark, sequence, acknowledged, durable = _SLOT.unpack(slot)
            if mark == _MARK:
                slots.append((sequence, Position(acknowledged, durable)))
    return slots if slots or not data.strip(b"\0") else None
