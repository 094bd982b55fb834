"""The questions about one entity."""

from __future__ import annotations

import math
import sqlite3

from ha_ingestor_core.events import STATE_CHANGED

from ha_ingestor_store import answers
from ha_ingestor_store.embedded import queries
from ha_ingestor_store.questions import EntityHistory, EntityWindows, Homes


def entity_history(db: sqlite3.Connection, question: EntityHistory) -> answers.HistoryPage:
    """See StoreReader.entity_history."""
    series = _state_series(db, question.entity_id, question.homes)
    start_ns = question.time_range.start_ns
    if question.after_ns is not None:
        start_ns = max(start_ns, question.after_ns + 1)
    rows = db.execute(
        queries.states(len(series)),
        (*series, start_ns, question.time_range.end_ns, question.limit + 1),
    ).fetchall()
    points = [answers.HistoryPoint(time_ns=t, state=s, value=v) for t, s, v in rows[: question.limit]]
    return answers.HistoryPage(
        unit=_latest_unit(db, series),
        points=points,
        next_after_ns=points[-1].time_ns if len(rows) > question.limit else None,
    )


def entity_windows(db: sqlite3.Connection, question: EntityWindows) -> answers.WindowsPage:
    """See StoreReader.entity_windows."""
    series = _state_series(db, question.entity_id, question.homes)
    start_ns = question.time_range.start_ns
    if question.after_ns is not None:
        start_ns = max(start_ns, (question.after_ns // question.window_ns + 1) * question.window_ns)
    rows = db.execute(
        queries.windows(len(series)),
        (*(question.window_ns,) * 4, *series, start_ns, question.time_range.end_ns, question.limit + 1),
    ).fetchall()
    points = [
        answers.WindowPoint(
            start_ns=number * question.window_ns,
            min=low,
            mean=mean if mean is not None and math.isfinite(mean) else scaled_mean,
            max=high,
            count=count,
        )
        for number, low, mean, scaled_mean, high, count in rows[: question.limit]
    ]
    return answers.WindowsPage(
        unit=_latest_unit(db, series),
        points=points,
        next_after_ns=points[-1].start_ns if len(rows) > question.limit else None,
    )


def _state_series(db: sqlite3.Connection, entity_id: str, homes: Homes) -> list[int]:
    condition, values = queries.homes_are(homes)
    rows = db.execute(
        "SELECT series.id FROM series JOIN groups ON groups.id = group_id "
        f"WHERE entity_id = ? AND event_type = ?{condition}",
        (entity_id, STATE_CHANGED, *values),
    )
    return [row[0] for row in rows]


def _latest_unit(db: sqlite3.Connection, series: list[int]) -> str | None:
    series = [row[0] for row in db.execute(queries.series_with_unit(len(series)), series)]
    row = db.execute(queries.latest_unit(len(series)), series).fetchone()
    return row[0] if row else None
