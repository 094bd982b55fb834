"""The cursor file: up to which number events are acknowledged and durable, and how they ended."""

from __future__ import annotations

from pathlib import Path

import msgspec
from ha_ingestor_core.files.durable_file import set_aside
from ha_ingestor_core.reporting.totals import Totals
from msgspec import Struct

from websocket_ingestion.spool.disk import write_file
from websocket_ingestion.spool.slots import SlotFile, SlotLayout

_LAYOUT = SlotLayout(b"\xff\xfeTOTAL2", "2Q6Qq")
_WITHOUT_EXPIRED = SlotLayout(b"\xff\xfeTOTALS", "2Q5Qq")
"""The layout of releases in which events could not expire."""


class Position(Struct, frozen=True):
    """The number of the last acknowledged and of the last durable event, and how the acknowledged ones ended.

    `base` is the number before the first event ever counted. All is written at once, so the totals are always those of
    exactly the events received and acknowledged; `time_ns` is when they last changed.
    """

    acknowledged: int = 0
    durable: int = 0
    base: int = 0
    written: int = 0
    duplicate: int = 0
    filtered: int = 0
    rejected: int = 0
    expired: int = 0
    time_ns: int = 0

    @property
    def totals(self) -> Totals:
        """The totals; events acknowledged without an outcome had become unreadable, and count as failed."""
        ended = self.written + self.duplicate + self.filtered + self.rejected + self.expired
        return Totals(
            received=self.durable - self.base,
            written=self.written,
            duplicate=self.duplicate,
            filtered=self.filtered,
            rejected=self.rejected,
            expired=self.expired,
            failed=self.acknowledged - self.base - ended,
            time_ns=self.time_ns,
        )


class Cursor:
    """The file, open for writing."""

    def __init__(self, file: SlotFile) -> None:
        self.position = None if file.numbers is None else Position(*file.numbers)
        """The position when the file was opened; None where it had none."""
        self._file = file

    @classmethod
    def open(cls, path: Path) -> tuple[Cursor, Path | None]:
        """Open the cursor at a path; return it, and where a damaged one was set aside. Raises OSError."""
        aside = None
        _convert(path)
        if not _is_cursor(path):
            aside = set_aside(path)
            path.unlink(missing_ok=True)
        return cls(SlotFile(path, _LAYOUT)), aside

    def write(self, position: Position) -> None:
        """Write a position: it survives a kill at once, a power cut after `sync`. Raises OSError."""
        self._file.write(msgspec.structs.astuple(position))

    def sync(self) -> None:
        """Return once the position is on the disk; raises OSError."""
        self._file.sync()

    def close(self) -> None:
        """Sync and close the file; raises OSError."""
        self._file.close()


def _convert(path: Path) -> None:
    """Convert a file of the layout without `expired`, atomically."""
    try:
        numbers = _WITHOUT_EXPIRED.newest(path.read_bytes())[1]
    except OSError:
        return
    if numbers is not None:
        *counted, time_ns = numbers
        fresh = path.with_suffix(".new")
        write_file(fresh, _LAYOUT.encode(1, (*counted, 0, time_ns)))
        fresh.replace(path)


def _is_cursor(path: Path) -> bool:
    """Whether the file is a cursor, empty, or missing."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return _LAYOUT.newest(data)[1] is not None or not data.strip(b"\0")
