"""What rarely changes about entities, each distinct set stored once: found by a hash, whichever process wrote it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from ha_ingestor_store.embedded import queries
from ha_ingestor_store.points import Facts

_HASHES_A_QUESTION = 500
_DAYS_KNOWN = 50_000
_NEVER = -(2**63)


def stored_facts(db: sqlite3.Connection, hashes: Iterable[int]) -> tuple[dict[Facts, int], set[int]]:
    """The ids of the sets that are stored with one of these hashes, and those of the hashes that are taken."""
    found: dict[Facts, int] = {}
    taken: set[int] = set()
    for part in _parts(list(hashes)):
        for number, hashed, *facts in db.execute(queries.facts_by_hash(len(part)), part):
            found[tuple(facts)] = number
            taken.add(hashed)
    return found, taken


class FactsInUse:
    """The last day of an event that refers to each set: one of which no event is kept any more is deleted."""

    def __init__(self) -> None:
        self._days: dict[int, int] = {}

    def note(self, db: sqlite3.Connection, uses: Iterable[tuple[int, int]]) -> dict[int, int]:
        """Write down what is in use for a day longer, by (id, day); give it to `remember` once committed."""
        days = self._days
        fresh: dict[int, int] = {}
        for number, day in uses:
            if days.get(number, _NEVER) < day and fresh.get(number, _NEVER) < day:
                fresh[number] = day
        db.executemany(queries.note_facts_day(), fresh.items())
        return fresh

    def remember(self, noted: dict[int, int]) -> None:
        """Do not write these down again."""
        if len(self._days) > _DAYS_KNOWN:
            self._days.clear()
        self._days |= noted


def delete_unused_facts(db: sqlite3.Connection, before_day: int, limit: int) -> int:
    """Delete sets that no event from that day on refers to, so many at most; how many it were."""
    found = db.execute("SELECT facts FROM facts_days WHERE day < ? LIMIT ?", (before_day, limit)).fetchall()
    db.executemany("DELETE FROM facts WHERE id = ?", found)
    db.executemany("DELETE FROM facts_days WHERE facts = ?", found)
    return len(found)


def _parts(values: Sequence[int]) -> Iterable[Sequence[int]]:
    return (values[at : at + _HASHES_A_QUESTION] for at in range(0, len(values), _HASHES_A_QUESTION))
