"""One segment: a file of events in the spool's folder, named by the number of its first event."""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct

from websocket_ingestion.spool.segments.records import NumberedEvent, Scan, Seal

_NAME = re.compile(r"\d{20}\.events")


class Segment(Struct):
    """A file of `size` bytes with the events `first_id` to `last_id`; `lost` of them are already counted as lost."""

    path: Path
    first_id: int
    last_id: int
    size: int = 0
    lost: int = 0

    def seal(self, scan: Scan) -> Seal:
        """Return the seal of the segment, given what it holds."""
        return Seal(self.last_id, len(scan.events), sum(len(event.event) for _, event in scan.events))


class Found(Struct, frozen=True):
    """The unacknowledged events of one segment, or of all; `lost` events were written once and cannot be read."""

    events: int = 0
    event_bytes: int = 0
    lost: int = 0


class Chunk(Struct, frozen=True):
    """All readable events up to the number `last_id`; `lost` of them can no longer be read."""

    events: list[NumberedEvent]
    last_id: int
    lost: int = 0


def segment_path(folder: Path, first_id: int) -> Path:
    """Return the path of the segment that begins with an event."""
    return folder / f"{first_id:020d}.events"


def segment_paths(folder: Path) -> list[Path]:
    """Return whatever has the name of a segment, in the order of the events."""
    return [path for path in sorted(folder.iterdir()) if _NAME.fullmatch(path.name)]
