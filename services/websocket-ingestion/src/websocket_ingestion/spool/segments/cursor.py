"""The cursor file: up to which number events are acknowledged, how they ended, and up to which they were durable."""

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
"""What was written before events could expire."""


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
    expired: int = 0
    time_ns: int = 0

    @property
    def totals(self) -> Totals:
        """What was acknowledged without an end of its own had become unreadable: it failed."""
        told = self.written + self.duplicate + self.filtered + self.rejected + self.expired
        return Totals(
            received=self.durable - self.base,
            written=self.written,
            duplicate=self.duplicate,
            filtered=self.filtered,
            rejected=self.rejected,
            expired=self.expired,
            failed=self.acknowledged - self.base - told,
            time_ns=self.time_ns,
        )


class Cursor:
    """The file, open for writing."""

    def __init__(self, file: SlotFile) -> None:
        self.position = None if file.numbers is None else Position(*file.numbers)
        """What the file told when it was opened; None when it told nothing."""
        self._file = file

    @classmethod
    def open(cls, path: Path) -> tuple[Cursor, Path | None]:
        """The cursor at a path, and where a damaged one was set aside; raises OSError."""
        aside = None
        _convert(path)
        if not _is_cursor(path):
            aside = set_aside(path)
            path.unlink(missing_ok=True)
        return cls(SlotFile(path, _LAYOUT)), aside

    def write(self, position: Position) -> None:
        """Note a position: it outlives this process at once, a power cut once it is synced. Raises OSError."""
        self._file.write(msgspec.structs.astuple(position))

    def sync(self) -> None:
        """Return once the position is on the disk; raises OSError."""
        self._file.sync()

    def close(self) -> None:
        """Sync and let go of it; raises OSError."""
        self._file.close()


def _convert(path: Path) -> None:
    """Bring a file of the layout without `expired` up to this one, in one step."""
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
    """Whether there is a cursor, or nothing at all."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return _LAYOUT.newest(data)[1] is not None or not data.strip(b"\0")
