"""What a reader knows of the renames: asked of the store and kept for a while, since there are seldom new ones."""

from __future__ import annotations

from ha_ingestor_core.clock import Clock
from ha_ingestor_core.errors import StoreRefusedError

from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.influxql.errors import is_missing
from ha_ingestor_store.renames import NO_RENAMES, Renames


class KnownRenames:
    """The renames, at most `keep_s` old; those that this process writes are known at once."""

    def __init__(self, database: Database, *, clock: Clock, keep_s: float) -> None:
        self._database = database
        self._clock = clock
        self._keep_s = keep_s
        self._known: Renames | None = None
        self._known_until = 0.0

    async def get(self) -> Renames:
        """The renames; raises what the store raises."""
        if self._known is None or self._clock.monotonic() >= self._known_until:
            asked_at = self._clock.monotonic()
            self._known = await self._ask()
            self._known_until = asked_at + self._keep_s
        return self._known

    async def _ask(self) -> Renames:
        try:
            return Renames(await self._database.renames())
        except StoreRefusedError as err:
            if not is_missing(err):
                raise
            return NO_RENAMES

    def forget(self) -> None:
        """There are new ones."""
        self._known = None
