"""The rejected events saved by an enrichment-pipeline."""

from __future__ import annotations

from pathlib import Path

from enrichment_pipeline.rejected.rejected_file import RejectedFile
from ha_ingestor_store.points import RejectedEvent
from ha_ingestor_store.questions import RecentRejected
from msgspec.structs import replace


async def kept_in(data_dir: Path) -> list[RejectedEvent]:
    """Return all rejected events of a DATA_DIR, newest first."""
    file = RejectedFile(data_dir, limit_bytes=1024 * 1024 * 1024)
    await file.open()
    try:
        question = RecentRejected(limit=1_000)
        found: list[RejectedEvent] = []
        while True:
            page = await file.rejected_events(question)
            found += page.events
            if page.next_cursor is None:
                return found
            question = replace(question, cursor=page.next_cursor)
    finally:
        await file.close()
