"""Numbered events for the segments of a spool, and the content of their folder."""

from __future__ import annotations

from pathlib import Path

from ha_ingestor_core.events import RawEvent
from msgspec import Raw
from websocket_ingestion.spool.segments.segment_log import SegmentLog


def numbered(first: int, count: int) -> list[RawEvent]:
    return [RawEvent(Raw(b'{"n":%d}' % n), n) for n in range(first, first + count)]


def numbers(folder: SegmentLog, after: int = 0) -> list[int]:
    """Return the readable events by number."""
    found: list[int] = []
    while after < folder.durable_id:
        chunk = folder.read_after(after, folder.durable_id)
        found += [number for number, _ in chunk.events]
        after = chunk.last_id
    return found


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "spool" / "home").glob("*.events"))
