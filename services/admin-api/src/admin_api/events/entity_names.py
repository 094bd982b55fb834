"""A cache of the friendly names of entities, for lists that are requested every few seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from ha_ingestor_core.clock import Clock
from ha_ingestor_core.errors import IngestorError
from ha_ingestor_store.questions import Homes, KnownEntities
from ha_ingestor_store.store import StoreReader
from ha_ingestor_store.time_range import TimeRange

from admin_api.http.parameters import MAX_TIME_NS, MIN_TIME_NS

Key = tuple[str, str]
"""Home and entity id."""

_REMEMBERED_S = 600.0
_MOST_AT_ONCE = 8
_MOST_REMEMBERED = 10_000


class EntityNames:
    """Looks names up in the store, a few at a time, and caches each for ten minutes."""

    def __init__(self, *, reader: StoreReader, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock
        self._slots = asyncio.Semaphore(_MOST_AT_ONCE)
        self._names: dict[Key, tuple[float, str | None]] = {}

    async def of(self, keys: Iterable[Key]) -> dict[Key, str | None]:
        """Return the newest name of each entity; None if it has none, or the store does not answer."""
        wanted = dict.fromkeys(keys)
        now = self._clock.monotonic()
        missing = [key for key in wanted if key not in self._names or self._names[key][0] < now]
        if len(self._names) + len(missing) > _MOST_REMEMBERED:
            self._names = {key: known for key, known in self._names.items() if key in wanted}
        await asyncio.gather(*(self._look_up(key, now + _REMEMBERED_S) for key in missing))
        return {key: self._names[key][1] if key in self._names else None for key in wanted}

    async def _look_up(self, key: Key, until: float) -> None:
        home, entity_id = key
        question = KnownEntities(TimeRange(MIN_TIME_NS, MAX_TIME_NS), entity_id, Homes(only=home))
        async with self._slots:
            try:
                known = await self._reader.known_entities(question)
            except IngestorError:  # lists are also returned without names
                return
        self._names[key] = (until, known[0].friendly_name if known else None)
