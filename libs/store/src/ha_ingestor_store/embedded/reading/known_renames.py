"""The renames that are stored."""

from __future__ import annotations

import sqlite3

from ha_ingestor_store.renames import Rename, Renames


def number_of_renames(db: sqlite3.Connection) -> int:
    """How many renames there are: they only become more."""
    found: int = db.execute("SELECT count(*) FROM renames").fetchone()[0]
    return found


def renames(db: sqlite3.Connection) -> Renames:
    """All renames."""
    return Renames(Rename(*row) for row in db.execute("SELECT home, old_id, new_id, time_ns FROM renames"))
