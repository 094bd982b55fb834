"""Damaged segments: set aside, replaced by what can still be read, and counted."""

from __future__ import annotations

import contextlib
from pathlib import Path

import structlog
from ha_ingestor_core.files.durable_file import set_aside, sync_folder

from websocket_ingestion.spool.disk import write_file
from websocket_ingestion.spool.segments.records import (
    MAGIC,
    SEAL_SIZE,
    Scan,
    Seal,
    encode_numbered,
    encode_seal,
    lost_in,
)
from websocket_ingestion.spool.segments.segment import Segment, segment_path

_log = structlog.get_logger()

_SAVING = ".saving"


class Repair:
    """The repairs in one spool's folder; `damaged_files` counts them since the start."""

    def __init__(self, folder: Path) -> None:
        self.damaged_files = 0
        self._folder = folder

    def remove_leftovers(self) -> None:
        """Delete the files of a repair that a crash interrupted."""
        for leftover in self._folder.glob(f"*{_SAVING}"):
            with contextlib.suppress(OSError):
                leftover.unlink()

    def set_aside(self, path: Path) -> None:
        """Rename what is not a file of the spool; raises OSError."""
        self.note(set_aside(path))
        path.unlink(missing_ok=True)

    def note(self, aside: Path, lost: int = 0) -> None:
        """Count and log a file that was set aside."""
        self.damaged_files += 1
        _log.error("spool_damaged", set_aside=str(aside), events_lost=lost)

    def replace(self, segment: Segment, scan: Scan, *, after: int) -> int:
        """Set a damaged segment aside and write its readable events in its place.

        Return how many events beyond the number `after` are lost. On a full disk the damaged file stays where it is,
        and its readable events are delivered.
        """
        whole = MAGIC + encode_numbered(scan.events) + encode_seal(segment.seal(scan))
        saving = segment.path.with_suffix(_SAVING)
        lost = lost_in(scan.holes, after)
        segment.size = len(whole)
        try:
            write_file(saving, whole)
            aside = set_aside(segment.path)
            saving.replace(segment.path)
            sync_folder(self._folder)
        except OSError as err:
            with contextlib.suppress(OSError):
                saving.unlink(missing_ok=True)
            self.damaged_files += 1
            _log.error("spool_damaged", file=segment.path.name, events_lost=lost, not_set_aside=str(err))
        else:
            self.note(aside, lost)
        return lost

    def replace_missing(self, first_id: int, last_id: int) -> Segment | None:
        """Write an empty segment in place of a missing one, so that its events are counted as lost only once.

        None where the disk does not accept it.
        """
        path = segment_path(self._folder, first_id)
        self.damaged_files += 1
        _log.error("spool_file_missing", file=path.name, events_lost=last_id - first_id + 1)
        try:
            write_file(path, MAGIC + encode_seal(Seal(last_id, 0, 0)))
        except OSError:
            return None
        return Segment(path, first_id, last_id, len(MAGIC) + SEAL_SIZE)
