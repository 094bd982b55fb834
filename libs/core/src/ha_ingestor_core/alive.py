"""An entity reported its value again without a change, for which Home Assistant sends no event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct


class Alive(Struct, frozen=True):
    """An entity reported an unchanged value at `time_ns`."""

    home: str
    entity_id: str
    time_ns: int


class AliveSink(Protocol):
    """Stores the times of unchanged reports."""

    async def write_alive(self, signs: Sequence[Alive]) -> None:
        """Store the newest report of each entity and hour. The reports of an entity must become newer with every call.

        Raises StoreUnavailableError and StoreRefusedError.
        """
        ...
