"""The numbers in the table `meta`, and their keys."""

from __future__ import annotations

import sqlite3

CAPTURED_FROM = "captured_from_ns"
"""Key in `meta`: the time of the oldest event that was captured live or recovered."""

KEPT_FROM = "kept_from_ns"
"""Key in `meta`: events before this time have expired; they are deleted in steps."""

SERVICE_METRICS_FROM = "service_metrics_from_ns"
"""Key in `meta`: before this time only the hours and days of service_metrics are kept."""


def value_of(db: sqlite3.Connection, key: str) -> int | None:
    """Return a number from `meta`; None where it is not set."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return row[0] if row else None
