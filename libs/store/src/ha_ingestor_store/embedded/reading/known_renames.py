"""The stored renames of entities."""

from __future__ import annotations

import sqlite3

from ha_ingestor_store.renames import Rename, Renames


def number_of_renames(db: sqlite3.Connection) -> int:
    """Return the number of renames, which only grows."""
    found: int = db.execute("SELECT count(*) FROM renames").fetchone()[0]
    return found


def renames(db: sqlite3.Connection) -> Renames:
    """Return all renames."""
    return Renames(Rename(*row) for row in db.execute("SELECT home, old_id, new_id, time_ns FROM renames"))
