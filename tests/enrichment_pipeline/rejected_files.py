"""Opened files of rejected events, and events for them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from enrichment_pipeline.rejected.rejected_file import RejectedFile
from ha_ingestor_core.errors import RejectedEventsFullError
from ha_ingestor_store.points import RejectedEvent
from ha_ingestor_store.questions import RecentRejected
from msgspec.structs import replace

LIMIT = 1024 * 1024


@asynccontextmanager
async def opened(folder: Path, limit_bytes: int = LIMIT) -> AsyncIterator[RejectedFile]:
    file = RejectedFile(folder, limit_bytes=limit_bytes)
    await file.open()
    try:
        yield file
    finally:
        await file.close()


def event(number: int = 1, payload: str = "{", home: str = "home") -> RejectedEvent:
    return RejectedEvent(home, number, "enrichment-pipeline", "malformed", "why", payload)


async def fill(file: RejectedFile) -> list[RejectedEvent]:
    """Keep events until not even a small one fits."""
    kept: list[RejectedEvent] = []
    for payload in ("x" * 50_000, "x" * 2_000, "x"):
        try:
            while True:
                await file.keep([event(len(kept), payload)])
                kept.append(event(len(kept), payload))
        except RejectedEventsFullError:
            continue
    return kept


async def found(file: RejectedFile, question: RecentRejected) -> list[RejectedEvent]:
    events: list[RejectedEvent] = []
    while True:
        page = await file.rejected_events(question)
        assert len(page.events) <= question.limit
        events += page.events
        if page.next_cursor is None:
            return events
        question = replace(question, cursor=page.next_cursor)
