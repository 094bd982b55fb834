"""The totals of a service: numbers in `meta`, changed in the transaction of the events that they count."""

from __future__ import annotations

import sqlite3

from ha_ingestor_core.reporting.totals import Totals

from ha_ingestor_store.answers import WriteResult
from ha_ingestor_store.store import Tally

_NAMES = Totals.__struct_fields__


def add_tally(db: sqlite3.Connection, tally: Tally, result: WriteResult) -> None:
    """Add a tally and the result of its write to the totals, in the same transaction."""
    of_points = Totals(written=result.written, duplicate=result.duplicate)
    totals = read_totals(db, tally.service) + tally.counted + of_points
    db.executemany(
        "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        [(_key(tally.service, name), getattr(totals, name)) for name in _NAMES],
    )


def read_totals(db: sqlite3.Connection, service: str) -> Totals:
    """Return the sum of all tallies of a service."""
    keys = {_key(service, name): name for name in _NAMES}
    marks = ", ".join("?" * len(keys))
    rows = db.execute(f"SELECT key, value FROM meta WHERE key IN ({marks})", tuple(keys))
    return Totals(**{keys[key]: value for key, value in rows})


def _key(service: str, name: str) -> str:
    return f"total:{service}:{name}"
