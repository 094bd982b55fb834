"""The question about gaps."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec
from ha_ingestor_core.gaps import Gap, GapReason, GapStatus

from ha_ingestor_store import answers
from ha_ingestor_store.embedded.file.schema import (
    GAP_COLUMNS,
)
from ha_ingestor_store.questions import GapCursor, RecentGaps

_GAPS = (
    f"SELECT {', '.join(GAP_COLUMNS)} FROM gaps WHERE start_ns < :end AND (end_ns > :start OR start_ns >= :start) "
    "AND (:home IS NULL OR home = :home) AND (:cursor_ns IS NULL OR start_ns < :cursor_ns "
    "OR start_ns = :cursor_ns AND (home, reason) > (:cursor_home, :cursor_reason)) "
    "ORDER BY start_ns DESC, home, reason LIMIT :limit"
)
"""Gaps that overlap `:start` to `:end`, of `:home` where it is not NULL, newest first, after the cursor."""


def recent_gaps(db: sqlite3.Connection, question: RecentGaps) -> answers.GapPage:
    """Return the gaps that overlap a range, newest first."""
    cursor = question.cursor
    values = {
        "start": question.time_range.start_ns,
        "end": question.time_range.end_ns,
        "home": question.home,
        "cursor_ns": cursor.start_ns if cursor else None,
        "cursor_home": cursor.home if cursor else None,
        "cursor_reason": cursor.reason if cursor else None,
        "limit": question.limit + 1,
    }
    found = [_gap(row) for row in db.execute(_GAPS, values)]
    page = found[: question.limit]
    more = len(found) > question.limit
    return answers.GapPage(
        gaps=page,
        next_cursor=GapCursor(page[-1].start_ns, page[-1].home, page[-1].reason) if more else None,
        open=_open(db, question.home),
    )


def _open(db: sqlite3.Connection, home: str | None) -> int:
    counted = "SELECT count(*) FROM gaps WHERE status = 'open'"
    row = db.execute(counted) if home is None else db.execute(f"{counted} AND home = ?", (home,))
    found: int = row.fetchone()[0]
    return found


def _gap(row: tuple[Any, ...]) -> Gap:
    values = dict(zip(GAP_COLUMNS, row, strict=True))
    values["reason"], values["status"] = GapReason(values["reason"]), GapStatus(values["status"])
    values["lost"] = msgspec.json.decode(values["lost"], type=list[str])
    return Gap(**values)
