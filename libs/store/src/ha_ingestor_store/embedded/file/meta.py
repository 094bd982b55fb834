"""The numbers in the table `meta`, and their keys."""

from __future__ import annotations

import sqlite3

CAPTURED_FROM = "captured_from_ns"
"""Key in `meta`: the time of the oldest event that was witnessed or recovered."""

KEPT_FROM = "kept_from_ns"
"""Key in `meta`: events before it have expired, and are deleted, or about to be."""
SERVICE_METRICS_FROM = "service_metrics_from_ns"
"""Key in `meta`: before it only the hours and days of service_metrics are kept."""


def value_of(db: sqlite3.Connection, key: str) -> int | None:
    """A number of `meta`; None where there is none."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return row[0] if row else None
