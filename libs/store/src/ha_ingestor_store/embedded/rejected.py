"""The questions about rejected events."""

from __future__ import annotations

import sqlite3
from typing import Any

from ha_ingestor_core.delivery import ReplayOutcome
from ha_ingestor_core.events import OriginKind

from ha_ingestor_store import answers
from ha_ingestor_store.embedded import queries
from ha_ingestor_store.points import RejectedEvent
from ha_ingestor_store.questions import RecentRejected, RejectedCursor


def rejected_events(db: sqlite3.Connection, question: RecentRejected) -> answers.RejectedPage:
    """See StoreReader.rejected_events."""
    cursor = question.cursor
    values = _values(question) | {
        "cursor_ns": cursor.time_ns if cursor else None,
        "cursor_id": cursor.id if cursor else None,
        "limit": question.limit + 1,
    }
    found = [event_of(row) for row in db.execute(queries.rejected_events(), values)]
    page = found[: question.limit]
    more = len(found) > question.limit
    return answers.RejectedPage(page, RejectedCursor(page[-1].time_ns, page[-1].id) if more else None)


def rejected_event(db: sqlite3.Connection, rejected_id: str) -> RejectedEvent | None:
    """See StoreReader.rejected_event."""
    row = db.execute(queries.rejected_event(), (rejected_id,)).fetchone()
    return event_of(row) if row else None


def rejected_counts(db: sqlite3.Connection, question: RecentRejected) -> dict[str, int]:
    """See StoreReader.rejected_counts."""
    return dict(db.execute(queries.rejected_counts(), _values(question)).fetchall())


def event_of(row: tuple[Any, ...]) -> RejectedEvent:
    """The rejected event of a row of `REJECTED_COLUMNS`."""
    values = dict(zip(queries.REJECTED_COLUMNS, row, strict=True))
    values["origin_kind"] = OriginKind(values["origin_kind"])
    values["outcome"] = ReplayOutcome(values["outcome"]) if values["outcome"] else None
    return RejectedEvent(**values)


def _values(question: RecentRejected) -> dict[str, Any]:
    return {
        "start": question.time_range.start_ns,
        "end": question.time_range.end_ns,
        "home": question.home,
        "service": question.service,
        "key": question.key,
    }
