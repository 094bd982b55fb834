"""Validation of homes and entities in requests: a 404 with similar names if unknown."""

from __future__ import annotations

import asyncio

from ha_ingestor_core.errors import InvalidInputError
from ha_ingestor_store.questions import EVERY_HOME, Homes
from ha_ingestor_store.store import StoreReader
from ha_ingestor_store.time_range import TimeRange

from admin_api.http.errors import unknown_name
from admin_api.http.parameters import MAX_TIME_NS, MIN_TIME_NS

_MOST_ENTITIES = 1_000_000
_EVER = TimeRange(MIN_TIME_NS, MAX_TIME_NS)


async def homes_of(reader: StoreReader, home: str | None) -> Homes:
    """Return the given home, or all; raises NotFoundError if it is unknown."""
    if home is None:
        return EVERY_HOME
    known = await reader.homes()
    if home not in known:
        raise unknown_name("home", home, known)
    return Homes(only=home)


async def home_of_entity(reader: StoreReader, entity_id: str, home: str | None) -> str:
    """Return the home of an entity: the only one that has it, or the given one.

    Raises NotFoundError if the entity is unknown, and InvalidInputError if several homes have it and none is given.
    """
    homes = await reader.entity_homes(entity_id)
    if home is None and len(homes) > 1:
        names = ", ".join(homes)
        message = f"{entity_id} is in several homes. Set home to one of: {names}"
        raise InvalidInputError(message, field="home", expected=f"one of {names}")
    if homes and home in (None, *homes):
        return home or homes[0]
    counts = await reader.busiest_entities(_EVER, _MOST_ENTITIES, await homes_of(reader, home))
    # in a thread: comparing thousands of names would block the event loop for a quarter of a second
    raise await asyncio.to_thread(unknown_name, "entity", entity_id, [count.entity_id for count in counts])
