"""The mark on disk: up to when everything is captured, in Home Assistant's time.

It is written about once a second and outlives this process at once. A power cut may leave an older one, which
only means that a little more of the history is asked for.
"""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from websocket_ingestion.spool.slots import SlotFile, SlotLayout

_LAYOUT = SlotLayout(b"\xff\xfeMARK 1", "qq")


class Mark(Struct, frozen=True):
    """Everything that Home Assistant dates up to `complete_ns` is on disk; by our clock that was so at `written_ns`."""

    complete_ns: int
    written_ns: int


class MarkFile:
    """The file of one home's mark, open for writing; all of it blocks."""

    def __init__(self, file: SlotFile) -> None:
        self.mark = None if file.numbers is None else Mark(*file.numbers)
        """The newest mark; None before the first."""
        self._file = file

    @classmethod
    def open(cls, path: Path) -> MarkFile:
        """The file at a path, made where there is none; raises OSError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        return cls(SlotFile(path, _LAYOUT))

    def write(self, mark: Mark) -> None:
        """Replace the mark; raises OSError."""
        self._file.write((mark.complete_ns, mark.written_ns))
        self.mark = mark

    def close(self) -> None:
        """Sync and let go of the file; raises OSError."""
        self._file.close()
