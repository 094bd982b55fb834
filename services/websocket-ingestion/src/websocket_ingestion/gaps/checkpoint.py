"""The checkpoint on disk: up to when everything is captured, in Home Assistant's time.

It is written about once a second and survives a kill at once. A power cut may leave an older one, which only means
that a little more of the history is requested.
"""

from __future__ import annotations

from pathlib import Path

import structlog
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.files.durable_file import make_folder, make_usable
from msgspec import Struct

from websocket_ingestion.gaps.elapsed import Moment
from websocket_ingestion.spool.slots import SlotFile, SlotLayout

_LAYOUT = SlotLayout(b"\xff\xfeMARK 2", "qqqq")
_FORMER_LAYOUT = SlotLayout(b"\xff\xfeMARK 1", "qq")


_DAMAGED_MARGIN_NS = 3600 * NS_PER_S
_DAMAGED_THEN = "the history of an hour more is requested"

_log = structlog.get_logger()


class Checkpoint(Struct, frozen=True):
    """Everything up to `complete_ns`, by Home Assistant's clock, was on disk at `written`."""

    complete_ns: int
    written: Moment


class CheckpointFile:
    """The file of one home's checkpoint, open for writing. Everything blocks."""

    def __init__(self, file: SlotFile) -> None:
        self.checkpoint = None if file.numbers is None else Checkpoint(file.numbers[0], Moment(*file.numbers[1:]))
        """The newest checkpoint; None before the first."""
        self._file = file

    @classmethod
    def open(cls, path: Path) -> CheckpointFile:
        """Open the file at a path, or create it; raises OSError."""
        make_folder(path.parent)
        aside = make_usable(path, then=_DAMAGED_THEN)
        file = SlotFile(path, _LAYOUT)
        data = path.read_bytes()
        if file.numbers is None and (former := _FORMER_LAYOUT.newest(data)[1]) is not None:
            file.write((*former, 0, 0))
        elif file.numbers is None and (aside or data.strip(b"\0") or path.with_suffix(".json").exists()):
            # Without a checkpoint no gap would be found. The file's own time says about when it was written.
            about_ns = (aside or path).lstat().st_mtime_ns - _DAMAGED_MARGIN_NS
            _log.error("checkpoint_unreadable", file=str(path), then=_DAMAGED_THEN)
            file.write((about_ns, about_ns, 0, 0))
        return cls(file)

    def write(self, checkpoint: Checkpoint) -> None:
        """Replace the checkpoint; raises OSError."""
        written = checkpoint.written
        self._file.write((checkpoint.complete_ns, written.now_ns, written.boot, written.up_ns))
        self.checkpoint = checkpoint

    def close(self) -> None:
        """Sync and close the file; raises OSError."""
        self._file.close()
