"""The journal of reports: on disk before they are sent to the store, with the totals that they include.

Each line has the totals at the time of a report, and the report until the store has it. So after `kill -9` everything
is reported once: a pending report is sent again with its own time, which has no effect if it had arrived, and what was
counted after the last line becomes the next report.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ha_ingestor_core.files.durable_file import read_state, write_durably
from ha_ingestor_core.reporting.totals import COUNTERS, Totals
from ha_ingestor_core.service_metrics import Counter, ServiceMetricsPoint


class Entry(Struct, frozen=True):
    """One line; `reported_ns` is the time of this report, or of the last one before it."""

    totals: Totals
    point: ServiceMetricsPoint | None = None
    reported_ns: int = 0


def for_new_store(entries: Sequence[Entry]) -> list[Entry]:
    """Return the lines for a store without the earlier reports: queued events count as received again."""
    changed = list(entries)
    if not entries or (queued := _queued_before(entries[0])) <= 0:
        return changed
    for at, entry in enumerate(entries):
        if entry.point is not None:
            counters = {
                **entry.point.counters,
                Counter.RECEIVED: entry.point.counters.get(Counter.RECEIVED, 0) + queued,
            }
            changed[at] = replace(entry, point=replace(entry.point, counters=counters))
            return changed
    last = entries[-1]  # the next report has what was counted after it, including queued events as received
    changed[-1] = replace(last, totals=replace(last.totals, received=last.totals.received - queued))
    return changed


class ReportJournal:
    """The journal of one service. All methods block, and raise OSError."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> list[Entry]:
        """Return the lines, oldest first, without one that a crash has truncated; empty without a file."""
        return read_state(self._path, _decoded, then="unreported counters are lost") or []

    def append(self, entry: Entry) -> None:
        """Append a line durably."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            # The previous line may be truncated: end it.
            file.write((b"\n" if file.tell() else b"") + msgspec.json.encode(entry))
            file.flush()
            os.fsync(file.fileno())

    def replace(self, entries: Sequence[Entry]) -> None:
        """Replace all lines."""
        write_durably(self._path, b"\n".join(map(msgspec.json.encode, entries)))


def _queued_before(first: Entry) -> int:
    """Return the number of queued events at the last report that the store has."""
    counters = first.point.counters if first.point else {}
    return first.totals.queued - Totals(**{name: counters.get(each, 0) for name, each in COUNTERS.items()}).queued


def _decoded(data: bytes) -> list[Entry]:
    entries = []
    lines = data.splitlines()
    for line in lines:
        try:
            entries.append(msgspec.json.decode(line, type=Entry))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            continue
    if len(lines) > 1 and not entries:
        raise ValueError("no valid line")
    return entries
