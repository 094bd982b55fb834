"""The reports that the store has not taken yet, and the totals that were reported: on disk before they are sent.

A line each: the totals up to which a report counts, and the report, which is missing once the store has it. So after a
`kill -9` everything is reported once: what was on its way is sent again with its own time, which changes nothing where
it had arrived, and what was counted after the last line is the next report.
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
    """One line; `reported_ns` is the time of the last report, this one or one before it."""

    totals: Totals
    point: ServiceMetricsPoint | None = None
    reported_ns: int = 0


def begun_anew(entries: Sequence[Entry]) -> list[Entry]:
    """The lines for a store without the reports of before: in its account, what was queued then begins as received."""
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
    last = entries[-1]  # what was counted after it is the next report: as received, too, what is queued
    changed[-1] = replace(last, totals=replace(last.totals, received=last.totals.received - queued))
    return changed


class ReportJournal:
    """The file of one service. Everything here blocks, and raises OSError."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> list[Entry]:
        """The lines, oldest first; one that a crash cut off is passed over, none where there is no file."""
        return read_state(self._path, _decoded, then="what was not reported yet is not reported") or []

    def append(self, entry: Entry) -> None:
        """Add a line, which is on the disk when this returns."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            # The line before may have been cut off: it ends here at the latest.
            file.write((b"\n" if file.tell() else b"") + msgspec.json.encode(entry))
            file.flush()
            os.fsync(file.fileno())

    def replace(self, entries: Sequence[Entry]) -> None:
        """These lines in place of all."""
        write_durably(self._path, b"\n".join(map(msgspec.json.encode, entries)))


def _queued_before(first: Entry) -> int:
    """What was queued by the last report that the store has."""
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
        raise ValueError("no line can be read")
    return entries
