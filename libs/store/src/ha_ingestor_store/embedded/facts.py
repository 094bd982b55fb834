"""What rarely changes about entities, each distinct set stored once: found by a hash, whichever process wrote it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from hashlib import blake2b

from ha_ingestor_store.embedded import queries

Facts = tuple[str | None, ...]
"""Unit, friendly name, area, device, device class, attributes."""

_HASHES_A_QUESTION = 500


def facts_hash(*facts: str | None) -> int:
    """The hash of a set, as a signed integer of 64 bits; what is missing differs from what is empty."""
    text = "".join("-" if part is None else f"{len(part)}:{part}" for part in facts)
    return int.from_bytes(blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest(), signed=True)


def stored_facts(db: sqlite3.Connection, hashes: Iterable[int]) -> tuple[dict[Facts, int], set[int]]:
    """The ids of the sets that are stored with one of these hashes, and those of the hashes that are taken."""
    found: dict[Facts, int] = {}
    taken: set[int] = set()
    for part in _parts(list(hashes)):
        for number, hashed, *facts in db.execute(queries.facts_by_hash(len(part)), part):
            found[tuple(facts)] = number
            taken.add(hashed)
    return found, taken


def _parts(values: Sequence[int]) -> Iterable[Sequence[int]]:
    return (values[at : at + _HASHES_A_QUESTION] for at in range(0, len(values), _HASHES_A_QUESTION))
