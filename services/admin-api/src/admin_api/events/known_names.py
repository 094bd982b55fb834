"""What a caller names has to be known: a 404 that names the nearest, never the answer to another question."""

from __future__ import annotations

import asyncio

from ha_ingestor_store.periods import TimeRange
from ha_ingestor_store.questions import EVERY_HOME, Homes
from ha_ingestor_store.store import StoreReader

from admin_api.http.parameters import MAX_TIME_NS, MIN_TIME_NS, refusal
from admin_api.http.unknown_name import unknown_name

_MOST_ENTITIES = 1_000_000
_EVER = TimeRange(MIN_TIME_NS, MAX_TIME_NS)


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
