"""The start of a spool: finds the segments of an earlier process, and sets aside what is damaged."""

from __future__ import annotations

import contextlib
import os
from itertools import zip_longest
from pathlib import Path

import structlog
from msgspec import Struct

from websocket_ingestion.spool.disk import read_available, read_begin, read_end
from websocket_ingestion.spool.segments.cursor import Position
from websocket_ingestion.spool.segments.records import MAGIC, SEAL_SIZE, Scan, decode_seal, encode_seal, scan
from websocket_ingestion.spool.segments.repair import Repair
from websocket_ingestion.spool.segments.segment import Found, Segment, segment_paths

_log = structlog.get_logger()


class Recovered(Struct, frozen=True):
    """The segments found at a start, oldest first, and what they hold; events up to `durable_id` are durable."""

    position: Position
    segments: list[Segment]
    found: Found
    durable_id: int


def recover(folder: Path, position: Position | None, repair: Repair) -> Recovered:
    """Find what an earlier process left in a folder; without a cursor everything is delivered again. Raises OSError."""
    repair.remove_leftovers()
    paths = [path for path in segment_paths(folder) if _is_segment(path, repair)]
    firsts = [int(path.stem) for path in paths]
    if position is None:
        before = firsts[0] - 1 if firsts else 0
        position = Position(acknowledged=before, base=before)
    recovery = _Recovery(position.acknowledged, repair)
    for path, first_id, next_first in zip_longest(paths, firsts, firsts[1:]):
        recovery.note_missing(first_id - 1)
        known_last = max(position.durable, first_id - 1) if next_first is None else next_first - 1
        recovery.take_in(Segment(path, first_id, known_last), is_newest=next_first is None)
    recovery.note_missing(position.durable)
    return Recovered(
        position=position,
        segments=recovery.segments,
        found=Found(
            events=sum(part.events for part in recovery.found),
            event_bytes=sum(part.event_bytes for part in recovery.found),
            lost=sum(part.lost for part in recovery.found),
        ),
        durable_id=max(position.durable, recovery.expected - 1),
    )


class _Recovery:
    """Goes through the segments, oldest first; `expected` is the number that the next one should begin with."""

    def __init__(self, acknowledged_id: int, repair: Repair) -> None:
        self.segments: list[Segment] = []
        self.found: list[Found] = []
        self.expected = acknowledged_id + 1
        self._acknowledged_id = acknowledged_id
        self._repair = repair

    def note_missing(self, last_id: int) -> None:
        """Count the events up to `last_id` that no segment holds as lost."""
        if last_id < self.expected:
            return
        self.found.append(Found(lost=last_id - self.expected + 1))
        segment = self._repair.replace_missing(self.expected, last_id)
        if segment is not None:
            self.segments.append(segment)
        self.expected = last_id + 1

    def take_in(self, segment: Segment, *, is_newest: bool) -> None:
        """Count what a segment holds; a sealed one is read no further before its events are delivered."""
        self.segments.append(segment)
        self.found.append(self._sealed(segment, is_newest=is_newest) or self._scanned(segment, is_newest=is_newest))
        self.expected = max(self.expected, segment.last_id + 1)

    def _sealed(self, segment: Segment, *, is_newest: bool) -> Found | None:
        """Return the content by the seal; None where the segment has to be read."""
        seal = decode_seal(read_end(segment.path, SEAL_SIZE))
        if seal is None or not (is_newest or seal.last_id <= segment.last_id):
            return None
        segment.last_id = seal.last_id
        if segment.first_id <= self._acknowledged_id:
            return None
        segment.size = segment.path.stat().st_size
        return Found(seal.events, seal.event_bytes)

    def _scanned(self, segment: Segment, *, is_newest: bool) -> Found:
        # Complete records after the last commit in the cursor are valid, and count.
        data = read_available(segment.path)
        found = scan(data, first_id=segment.first_id, last_id=segment.last_id, may_hold_more=is_newest)
        if is_newest:
            greatest = [number for number, _ in found.events[-1:]] + ([found.seal.last_id] if found.seal else [])
            segment.last_id = max([segment.last_id, *greatest])
        lost = 0
        if found.is_damaged:
            lost = segment.lost = self._repair.replace(segment, found, after=self._acknowledged_id)
        elif found.seal is None or found.torn_bytes:
            _seal_after_crash(segment, found)
        else:
            segment.size = segment.path.stat().st_size
        waiting = [event for number, event in found.events if number > self._acknowledged_id]
        return Found(len(waiting), sum(len(event.event) for event in waiting), lost)


def _seal_after_crash(segment: Segment, found: Scan) -> None:
    """Drop a record that was not written to its end, and seal the segment."""
    segment.size = segment.path.stat().st_size - found.torn_bytes
    with contextlib.suppress(OSError):
        os.truncate(segment.path, segment.size)
        if found.seal is None:
            with segment.path.open("ab") as file:
                file.write(encode_seal(segment.seal(found)))
            segment.size += SEAL_SIZE
    _log.info("spool_resumed_after_crash", file=segment.path.name, events=len(found.events), cut_off=found.torn_bytes)


def _is_segment(path: Path, repair: Repair) -> bool:
    """Whether a file holds anything of the spool. One that a crash left empty is deleted, another one set aside."""
    if read_begin(path, len(MAGIC)) == MAGIC:
        return True
    data = read_available(path)
    found = scan(data, first_id=0, last_id=-1, may_hold_more=True)
    if found.events or found.seal:
        return True
    if path.is_file() and MAGIC.startswith(data.rstrip(b"\0")):
        path.unlink()
    else:
        repair.set_aside(path)
    return False
