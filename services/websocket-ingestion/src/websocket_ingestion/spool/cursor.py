"""The cursor file: up to which number events are acknowledged, how they ended, and up to which they were durable.

It is written in place and never grows, so that it can be written when the disk is full. Two slots are written in turn:
one that a power cut tore leaves the other.
"""

from __future__ import annotations

import os
import struct
from binascii import crc32
from pathlib import Path

import msgspec
from ha_ingestor_core.totals import Totals
from msgspec import Struct

from websocket_ingestion.spool.disk import set_aside, sync_data

_SLOT = struct.Struct("<8sQ2Q5Qq")
_CHECKSUM = struct.Struct("<I")
_SLOT_SIZE = _SLOT.size + _CHECKSUM.size
_MARK = b"\xff\xfeTOTALS"


class Position(Struct, frozen=True):
    """Numbers of events: the last of all that are acknowledged, and the last that was durable; how those ended.

    `base` is the number before the first that was ever counted. Written in one piece, so that the totals are always
    those of exactly the events that were received and acknowledged; `time_ns` is when they last changed.
    """

    acknowledged: int = 0
    durable: int = 0
    base: int = 0
    written: int = 0
    duplicate: int = 0
    filtered: int = 0
    rejected: int = 0
    time_ns: int = 0

    @property
    def totals(self) -> Totals:
        """What was acknowledged without an end of its own had become unreadable: it failed."""
        told = self.written + self.duplicate + self.filtered + self.rejected
        return Totals(
            received=self.durable - self.base,
            written=self.written,
            duplicate=self.duplicate,
            filtered=self.filtered,
            rejected=self.rejected,
            failed=self.acknowledged - self.base - told,
            time_ns=self.time_ns,
        )


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
        slot = _SLOT.pack(_MARK, self._sequence, *msgspec.structs.astuple(position))
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
            mark, sequence, *values = _SLOT.unpack(slot)
            if mark == _MARK:
                slots.append((sequence, Position(*values)))
    return slots if slots or not data.strip(b"\0") else None
