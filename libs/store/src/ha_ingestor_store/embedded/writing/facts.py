"""What rarely changes about entities: a row for each distinct set of facts, stored once and deleted when unused."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from ha_ingestor_store.embedded.file.facts_hash import facts_hash
from ha_ingestor_store.embedded.file.schema import FACTS_COLUMNS
from ha_ingestor_store.embedded.file.sql import insert_rows, max_id
from ha_ingestor_store.embedded.writing import statements
from ha_ingestor_store.points import EventPoint, Facts
from ha_ingestor_store.time_range import DAY_NS

_CACHE_LIMIT = 20_000
_CACHE_CHARACTERS = 16_000_000
"""Attributes may be 100 kB large and new in every event: the number of cached sets alone is no limit."""
_HASHES_PER_STATEMENT = 500
_DAYS_KNOWN = 50_000
_NEVER = -(2**63)


class StoredFacts:
    """The ids of sets of facts, remembered from transaction to transaction; call `committed` after each commit."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.forget()

    def forget(self) -> None:
        """Forget all ids, since some were deleted."""
        self._known: dict[Facts, int] = {}
        self._known_characters = 0
        self._found = self._known
        self._days: dict[int, int] = {}
        self._found_days: dict[int, int] = {}

    def ids(self, points: Sequence[EventPoint]) -> dict[Facts, int]:
        """Return the ids of the points' facts, and store the new ones, found by hash whichever process stored them."""
        self._found = self._find(points)
        self._note_days(points)
        return self._found

    def committed(self) -> None:
        """Remember the ids of the last transaction."""
        self._known = self._found
        if len(self._days) > _DAYS_KNOWN:
            self._days.clear()
        self._days |= self._found_days

    def _find(self, points: Sequence[EventPoint]) -> dict[Facts, int]:
        fresh = dict.fromkeys(map(_facts, points)).keys() - self._known.keys()
        if not fresh:
            return self._known
        ids = self._stored(fresh)
        self._known_characters += sum(map(_characters, ids))
        if len(self._known) + len(ids) <= _CACHE_LIMIT and self._known_characters <= _CACHE_CHARACTERS:
            return self._known | ids
        needed = {facts: self._known[facts] for facts in map(_facts, points) if facts in self._known} | ids
        self._known_characters = sum(map(_characters, needed))
        return needed

    def _stored(self, fresh: set[Facts]) -> dict[Facts, int]:
        hashes = {facts: facts_hash(*facts) for facts in fresh}
        known, taken = self._by_hash(list(hashes.values()))
        next_id = max_id(self._db, "facts") + 1
        new = {facts: next_id + i for i, facts in enumerate(fresh - known.keys())}
        rows = []
        for facts, number in new.items():
            # Of two sets with one hash the second has none: the next process stores it again, and never mixes them up.
            rows.append((number, None if hashes[facts] in taken else hashes[facts], *facts))
            taken.add(hashes[facts])
        insert_rows(self._db, statements.insert_facts, rows, columns=len(FACTS_COLUMNS), count=len(rows))
        return {facts: known[facts] for facts in fresh & known.keys()} | new

    def _by_hash(self, hashes: Sequence[int]) -> tuple[dict[Facts, int], set[int]]:
        """Return the ids of the sets that are stored with one of these hashes, and which hashes are taken."""
        found: dict[Facts, int] = {}
        taken: set[int] = set()
        for at in range(0, len(hashes), _HASHES_PER_STATEMENT):
            part = hashes[at : at + _HASHES_PER_STATEMENT]
            for number, hashed, *facts in self._db.execute(statements.facts_by_hash(len(part)), part):
                found[tuple(facts)] = number
                taken.add(hashed)
        return found, taken

    def _note_days(self, points: Iterable[EventPoint]) -> None:
        """Store the last day on which each set is used, where it became later."""
        fresh: dict[int, int] = {}
        for point in points:
            number, day = self._found[point.facts], point.time_ns // DAY_NS
            if self._days.get(number, _NEVER) < day and fresh.get(number, _NEVER) < day:
                fresh[number] = day
        self._db.executemany(statements.note_facts_day(), fresh.items())
        self._found_days = fresh


def delete_unused_facts(db: sqlite3.Connection, before_day: int, limit: int) -> int:
    """Delete at most `limit` sets that no event from that day on uses; return their number."""
    found = db.execute("SELECT facts FROM facts_days WHERE day < ? LIMIT ?", (before_day, limit)).fetchall()
    db.executemany("DELETE FROM facts WHERE id = ?", found)
    db.executemany("DELETE FROM facts_days WHERE facts = ?", found)
    return len(found)


def _facts(point: EventPoint) -> Facts:
    return point.facts


def _characters(facts: Facts) -> int:
    return sum(len(text) for text in facts if text)
