"""Operations on rejected events: reading all pages, exporting, and replaying through the Admin API."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import TextIO
from urllib.parse import quote

import msgspec
from ha_ingestor_core.delivery import ReplayOutcome
from ha_ingestor_core.errors import ServiceRefusedError
from ha_ingestor_core.http.client import InternalClient
from ha_ingestor_store.points import RejectedEvent
from ha_ingestor_store.questions import RecentRejected
from ha_ingestor_store.store import RejectedReader
from ha_ingestor_store.time_range import TimeRange
from msgspec import Struct, structs

from ha_ingestor.record_tables import rejected_fields

_PAGE = 200
"""Small, since a rejected event can have a size of a megabyte."""


class ReplayEnd(Struct, frozen=True):
    """The response of the Admin API to a replay."""

    outcome: ReplayOutcome
    key: str | None = None
    message: str | None = None


async def every_rejected(reader: RejectedReader, question: RecentRejected) -> AsyncIterator[RejectedEvent]:
    """Yield at most `question.limit` rejected events, newest first, reading page by page."""
    left = question.limit
    while left > 0:
        page = await reader.rejected_events(structs.replace(question, limit=min(_PAGE, left)))
        for event in page.events:
            yield event
        left -= len(page.events)
        if page.next_cursor is None:
            return
        question = structs.replace(question, cursor=page.next_cursor)


async def unfinished_oldest_first(reader: RejectedReader, question: RecentRejected) -> AsyncIterator[str]:
    """Yield the ids of events that were never replayed, oldest first, with one page in memory.

    Pages can only be read newest first, so the start of each page is determined first. An event that was rejected again
    has a new entry, which is the one to replay.
    """
    begins: list[RecentRejected] = []
    left = question.limit
    while left > 0:
        question = structs.replace(question, limit=min(_PAGE, left))
        page = await reader.rejected_events(question)
        if not page.events:
            break
        if not begins:  # exclude events rejected from now on
            end_ns = min(question.time_range.end_ns, page.events[0].time_ns + 1)
            question = structs.replace(question, time_range=TimeRange(question.time_range.start_ns, end_ns))
        begins.append(question)
        left -= len(page.events)
        if page.next_cursor is None:
            break
        question = structs.replace(question, cursor=page.next_cursor)
    for each in reversed(begins):
        page = await reader.rejected_events(each)
        for event in reversed(page.events):
            if event.outcome is None:
                yield event.id


async def export_rejected(reader: RejectedReader, question: RecentRejected, to: TextIO) -> int:
    """Write rejected events as lines of JSON and return their number."""
    count = 0
    async for event in every_rejected(reader, question):
        to.write(msgspec.json.encode(rejected_fields(event)).decode() + "\n")
        count += 1
    return count


async def replay_all(
    client: InternalClient, ids: AsyncIterator[str], on_end: Callable[[str, ReplayEnd], object]
) -> Counter[ReplayOutcome]:
    """Replay one after the other through the Admin API; return the number of each outcome.

    Raises NotFoundError and TransientError.
    """
    ends: Counter[ReplayOutcome] = Counter()
    async for rejected_id in ids:
        answer = await client.send("POST", f"/api/v1/rejected/{quote(rejected_id, safe='')}/replay")
        try:
            end = msgspec.json.decode(answer, type=ReplayEnd)
        except msgspec.MsgspecError as err:
            raise ServiceRefusedError(f"The response is not from the Admin API: {err}. Check ADMIN_API_PORT") from err
        ends[end.outcome] += 1
        on_end(rejected_id, end)
    return ends
