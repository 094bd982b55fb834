"""A file of a few numbers that is written in place, two slots in turn: a power cut damages one of them at most.

It never grows, so it can be written on a full disk. What is written survives a kill at once, and a power cut after a
sync. A slot is (little-endian)
    magic 8 B | sequence 8 B | the numbers | CRC-32 of all that 4 B
"""

from __future__ import annotations

import os
import struct
from binascii import crc32
from pathlib import Path

from websocket_ingestion.spool.disk import sync_data

_CHECKSUM = struct.Struct("<I")


class SlotLayout:
    """The magic of a kind of file, and its numbers as the format of a `struct`."""

    def __init__(self, magic: bytes, numbers: str) -> None:
        self._magic = magic
        self._slot = struct.Struct(f"<8sQ{numbers}")
        self.slot_size = self._slot.size + _CHECKSUM.size

    def encode(self, sequence: int, numbers: tuple[int, ...]) -> bytes:
        """Return a slot."""
        slot = self._slot.pack(self._magic, sequence, *numbers)
        return slot + _CHECKSUM.pack(crc32(slot))

    def newest(self, data: bytes) -> tuple[int, tuple[int, ...] | None]:
        """Return the sequence and the numbers of the newest valid slot; (0, None) where none is."""
        found: list[tuple[int, tuple[int, ...] | None]] = [(0, None)]
        for offset in (0, self.slot_size):
            slot = data[offset : offset + self._slot.size]
            checksum = data[offset + self._slot.size : offset + self.slot_size]
            if len(slot) == self._slot.size and checksum == _CHECKSUM.pack(crc32(slot)):
                magic, sequence, *numbers = self._slot.unpack(slot)
                if magic == self._magic:
                    found.append((sequence, tuple(numbers)))
        return max(found, key=lambda slot: slot[0])


class SlotFile:
    """The file, open for writing, created where it is missing; `numbers` is its content. Everything raises OSError."""

    def __init__(self, path: Path, layout: SlotLayout) -> None:
        self._layout = layout
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._sequence, self.numbers = layout.newest(os.pread(self._fd, 2 * layout.slot_size, 0))

    def write(self, numbers: tuple[int, ...]) -> None:
        """Replace the numbers."""
        self._sequence += 1
        slot = self._layout.encode(self._sequence, numbers)
        os.pwrite(self._fd, slot, self._sequence % 2 * self._layout.slot_size)
        self.numbers = numbers

    def sync(self) -> None:
        """Return once the numbers are on the disk."""
        sync_data(self._fd)

    def close(self) -> None:
        """Sync and close the file."""
        try:
            self.sync()
        finally:
            os.close(self._fd)
