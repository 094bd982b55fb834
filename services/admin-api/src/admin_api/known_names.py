"""What a caller names has to be known: a 404 that names the nearest, never the answer to another question."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from difflib import get_close_matches

from ha_ingestor_core.errors import NotFoundError
from ha_ingestor_store.periods import TimeRange
from ha_ingestor_store.questions import EVERY_HOME, Homes
from ha_ingestor_store.store import StoreReader

from admin_api.parameters import MAX_TIME_NS, MIN_TIME_NS, refusal

SERVICES = ("websocket-ingestion", "enrichment-pipeline", "admin-api")
"""The services of the product, known before they report."""
_LISTED = 10
_NEAREST = 3
_MOST_ENTITIES = 1_000_000
_EVER = TimeRange(MIN_TIME_NS, MAX_TIME_NS)


def unknown_name(kind: str, name: str, known: Iterable[str]) -> NotFoundError:
    """The error for a name that nobody has; it lists the known ones where they are few, else the nearest."""
    names = sorted(set(known))
    nearest = get_close_matches(name, names, n=_NEAREST, cutoff=0.6)
    if len(names) <= _LISTED:
        hint = f"Known: {', '.join(names)}." if names else f"No {kind} is known yet."
    else:
        hint = f"Did you mean {' or '.join(nearest)}?" if nearest else "No name is close to it."
    return NotFoundError(f"There is no {kind} {name}. {hint}", **{kind: name}, nearest=nearest)


async def homes_of(reader: StoreReader, home: str | None) -> Homes:
    """The homes to ask about: the one that is named, or all; raises NotFoundError."""
    if home is None:
        return EVERY_HOME
    known = await reader.homes()
    if home not in known:
        raise unknown_name("home", home, known)
    return Homes(only=home)


async def home_of_entity(reader: StoreReader, entity_id: str, home: str | None) -> str:
    """The home whose entity is meant: the only one that has it, or the one that is named.

    Raises NotFoundError where the entity was never seen, and InvalidInputError where a home has to be named.
    """
    homes = await reader.entity_homes(entity_id)
    if home is None and len(homes) > 1:
        raise refusal("home", f"given: {entity_id} is in {', '.join(homes)}")
    if homes and home in (None, *homes):
        return home or homes[0]
    counts = await reader.busiest_entities(_EVER, _MOST_ENTITIES, await homes_of(reader, home))
    # thousands of names take a quarter of a second to compare, in which the event loop would answer nobody
    raise await asyncio.to_thread(unknown_name, "entity", entity_id, [count.entity_id for count in counts])
