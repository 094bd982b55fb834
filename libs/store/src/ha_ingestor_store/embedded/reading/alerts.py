"""The question about alerts."""

from __future__ import annotations

import sqlite3
from typing import Any

from ha_ingestor_core.alerts import Alert, AlertLevel

from ha_ingestor_store import answers
from ha_ingestor_store.embedded.file.schema import (
    ALERT_COLUMNS,
)
from ha_ingestor_store.questions import AlertCursor, RecentAlerts

_ALERTS = (
    f"SELECT {', '.join(ALERT_COLUMNS)} FROM alerts WHERE since_ns < :end "
    "AND (cleared_ns IS NULL OR cleared_ns > :start OR since_ns >= :start) "
    "AND (:rule IS NULL OR rule = :rule) AND (:cursor_ns IS NULL OR since_ns < :cursor_ns "
    "OR since_ns = :cursor_ns AND (rule, service) > (:cursor_rule, :cursor_service)) "
    "ORDER BY since_ns DESC, rule, service LIMIT :limit"
)
"""Alerts that overlap `:start` to `:end`, of `:rule` where it is not NULL, newest first, after the cursor."""


def recent_alerts(db: sqlite3.Connection, question: RecentAlerts) -> answers.AlertPage:
    """Return the alerts that were active in a range, newest first."""
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
    found = [_alert(row) for row in db.execute(_ALERTS, values)]
    page = found[: question.limit]
    more = len(found) > question.limit
    return answers.AlertPage(page, AlertCursor(page[-1].since_ns, page[-1].rule, page[-1].service) if more else None)


def _alert(row: tuple[Any, ...]) -> Alert:
    values = dict(zip(ALERT_COLUMNS, row, strict=True))
    values["level"] = AlertLevel(values["level"])
    return Alert(**values)
