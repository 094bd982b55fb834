"""What the commands about rejected events and gaps do: pages put together, replays one by one, rows of tables."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, TextIO
from urllib.parse import quote

import msgspec
from ha_ingestor_core.clock import ns_to_datetime, ns_to_rfc3339
from ha_ingestor_core.delivery import ReplayOutcome
from ha_ingestor_core.errors import ServiceRefusedError
from ha_ingestor_core.gaps import Gap
from ha_ingestor_core.http.client import InternalClient
from ha_ingestor_store.points import RejectedEvent
from ha_ingestor_store.questions import RecentRejected
from ha_ingestor_store.store import RejectedReader
from ha_ingestor_store.time_range import TimeRange
from msgspec import Struct, structs
from rich.markup import escape
from rich.table import Table

_PAGE = 200
"""A rejected event may be a million bytes long."""

_ID_WIDTH = 33


class ReplayEnd(Struct, frozen=True):
    """What the Admin API answers to a replay."""

    outcome: ReplayOutcome
    key: str | None = None
    message: str | None = None


async def every_rejected(reader: RejectedReader, question: RecentRejected) -> AsyncIterator[RejectedEvent]:
    """At most `question.limit` rejected events, newest first, read page by page."""
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
    """The ids of those that were never replayed, the oldest first, as they came; one page of them is in memory.

    Pages can only be read newest first, so where each begins is found before. What was rejected again stands beside its
    first entry as one of its own, which is the one to be replayed.
    """
    begins: list[RecentRejected] = []
    left = question.limit
    while left > 0:
        question = structs.replace(question, limit=min(_PAGE, left))
        page = await reader.rejected_events(question)
        if not page.events:
            break
        if not begins:  # what is rejected from now on belongs to no page
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
    """Write rejected events as lines of JSON; how many there were."""
    count = 0
    async for event in every_rejected(reader, question):
        to.write(msgspec.json.encode(rejected_fields(event)).decode() + "\n")
        count += 1
    return count


async def replay_all(
    client: InternalClient, ids: AsyncIterator[str], on_end: Callable[[str, ReplayEnd], object]
) -> Tally[ReplayOutcome]:
    """Replay by the Admin API, one after the other; how many ended how. Raises NotFoundError and TransientError."""
    ends: Tally[ReplayOutcome] = Tally()
    async for rejected_id in ids:
        answer = await client.send("POST", f"/api/v1/rejected/{quote(rejected_id, safe='')}/replay")
        try:
            end = msgspec.json.decode(answer, type=ReplayEnd)
        except msgspec.MsgspecError as err:
            raise ServiceRefusedError(f"the Admin API answered something that is no replay: {err}") from err
        ends[end.outcome] += 1
        on_end(rejected_id, end)
    return ends


def rejected_fields(event: RejectedEvent) -> dict[str, Any]:
    """A rejected event as it is exported; its payload is text, since it may be no JSON."""
    return {
        "id": event.id,
        "time": _time(event.time_ns),
        "home": event.home,
        "service": event.service,
        "key": event.key,
        "message": event.message,
        "origin_kind": event.origin_kind,
        "replayed": _time(event.replayed_ns),
        "outcome": event.outcome,
        "payload": event.payload,
    }


def gap_fields(gap: Gap) -> dict[str, Any]:
    """A gap for a program."""
    return {
        "home": gap.home,
        "start": _time(gap.start_ns),
        "end": _time(gap.end_ns),
        "reason": gap.reason,
        "status": gap.status,
        "recovered": gap.recovered,
        "lost": gap.lost,
    }


def rejected_table(events: Iterable[RejectedEvent]) -> Table:
    """Rejected events, a row each."""
    table = _table("Id", "Time (UTC)", "Home", "Reason", "Replayed", "Message")
    for event in events:
        row = (event.id, _moment(event.time_ns), event.home, event.key, event.outcome or "-", event.message)
        table.add_row(*map(escape, row))
    return table


def gaps_table(gaps: Iterable[Gap]) -> Table:
    """Gaps, a row each."""
    table = _table("From (UTC)", "To (UTC)", "Home", "Reason", "Status", "Recovered", "Not recovered")
    for gap in gaps:
        times = (_moment(gap.start_ns), _moment(gap.end_ns))
        row = (*times, gap.home, gap.reason, gap.status, f"{gap.recovered:,}", "; ".join(gap.lost) or "-")
        table.add_row(*map(escape, row))
    return table


def _table(*columns: str) -> Table:
    """A table that wraps where the terminal is narrow, but for ids, which are copied from it."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", min_width=_ID_WIDTH if column == "Id" else None)
    return table


def _moment(time_ns: int) -> str:
    return f"{ns_to_datetime(time_ns):%Y-%m-%d %H:%M:%S}"


def _time(time_ns: int | None) -> str | None:
    return None if time_ns is None else ns_to_rfc3339(time_ns)
