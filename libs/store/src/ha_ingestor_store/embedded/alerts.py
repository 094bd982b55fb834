"""The question about alerts."""

from __future__ import annotations

import sqlite3
from typing import Any

from ha_ingestor_core.alerts import Alert, AlertLevel

from ha_ingestor_store import answers
from ha_ingestor_store.embedded import queries
from ha_ingestor_store.questions import AlertCursor, RecentAlerts


def recent_alerts(db: sqlite3.Connection, question: RecentAlerts) -> answers.AlertPage:
    """Alerts that were active in a range, newest first."""
    cursor = question.cursor
    values = {
        "start": question.time_range.start_ns,
        "end": question.time_range.end_ns,
        "rule": question.rule,
        "cursor_ns": cursor.since_ns if cursor else None,
        "cursor_rule": cursor.rule if cursor else None,
        "cursor_service": cursor.service if cursor else None,
        "limit": question.limit + 1,
    }
    found = [_alert(row) for row in db.execute(queries.alerts(), values)]
    page = found[: question.limit]
    more = len(found) > question.limit
    return answers.AlertPage(page, AlertCursor(page[-1].since_ns, page[-1].rule, page[-1].service) if more else None)


def _alert(row: tuple[Any, ...]) -> Alert:
    values = dict(zip(queries.ALERT_COLUMNS, row, strict=True))
    values["level"] = AlertLevel(values["level"])
    return Alert(**values)
