"""A sign of life: an entity reported, and nothing about it changed, so no event tells of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct


class Alive(Struct, frozen=True):
    """An entity reported the value that it had, at `time_ns`."""

    home: str
    entity_id: str
    time_ns: int


class AliveSink(Protocol):
    """Where signs of life are kept: the store, whichever way it is reached."""

    async def write_alive(self, signs: Sequence[Alive]) -> None:
        """Keep the newest sign of each entity and hour; from one call to the next an entity's signs become newer.

        Raises StoreUnavailableError and StoreRefusedError.
        """
        ...
