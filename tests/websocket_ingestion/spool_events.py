"""Events for a spool, and a full disk."""

from __future__ import annotations

import asyncio
import errno
from pathlib import Path

from ha_ingestor_core.delivery import Receipt
from ha_ingestor_core.events import RawEvent
from msgspec import Raw
from websocket_ingestion.spool.delivery_queue import Taken
from websocket_ingestion.spool.segments.segment_log import SegmentLog
from websocket_ingestion.spool.spool import Spool


def events(count: int, size: int = 2, received_ns: int = 0) -> list[RawEvent]:
    return [RawEvent(Raw(b"1" * size), received_ns) for _ in range(count)]


def numbered(first: int, count: int, size: int = 0) -> list[RawEvent]:
    return [RawEvent(Raw(b'{"n":%d,"x":"%b"}' % (n, b"x" * size)), n) for n in range(first, first + count)]


def written(taken: Taken) -> Receipt:
    return Receipt(written=len(taken.events))


async def put(spool: Spool, taken: list[RawEvent]) -> None:
    """Put events, and return when they are durable."""
    spool.put(taken)
    async with asyncio.timeout(5):
        while spool.uncommitted:  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def take_all(spool: Spool) -> list[RawEvent]:
    """Take and acknowledge until the spool is empty."""
    found: list[RawEvent] = []
    async with asyncio.timeout(5):
        while spool.depth:
            taken = await spool.take(100, 1 << 20)
            found += taken.events
            spool.acknowledge(taken, written(taken))
    return found


class FullDisk(SegmentLog):
    """A log that cannot append while `is_full`."""

    def __init__(self, path: Path, *, segment_bytes: int) -> None:
        super().__init__(path, segment_bytes=segment_bytes)
        self.is_full = True

    def _append(self, events: list[RawEvent]) -> None:
        if self.is_full:
            raise OSError(errno.ENOSPC, "No space left on device")
        super()._append(events)
