"""What a reader knows of the rollups: asked of the store, and kept as long as writers of late points wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from ha_ingestor_core.clock import Clock
from ha_ingestor_core.errors import StoreRefusedError

from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.influxql.errors import is_missing
from ha_ingestor_store.influx.rollups.lease import newest_standing
from ha_ingestor_store.influx.rollups.progress import NO_PROGRESS, Progress


def stored_progress(texts: Mapping[str, str]) -> Progress:
    """Return the progress of the highest term; none of one that another release has written."""
    try:
        standing = newest_standing(texts)
    except StoreRefusedError:
        return NO_PROGRESS
    return NO_PROGRESS if standing is None else standing.progress


_NOW_S = 0.1


class KnownProgress:
    """The progress, at most `keep_s` old when a question begins with it."""

    def __init__(self, database: Database, *, clock: Clock, keep_s: float) -> None:
        self._database = database
        self._clock = clock
        self._keep_s = keep_s
        self._known: Progress | None = None
        self._asked_at = 0.0
        self._asking = asyncio.Lock()

    async def get(self) -> Progress:
        """The progress; without one that can be read, raw points answer everything."""
        return await self._asked_since(self._clock.monotonic() - self._keep_s)

    async def anew(self) -> Progress:
        """The progress of this moment, or a tenth of a second ago."""
        return await self._asked_since(self._clock.monotonic() - min(self._keep_s, _NOW_S))

    async def _asked_since(self, moment: float) -> Progress:
        if self._known is not None and self._asked_at > moment:
            return self._known
        async with self._asking:  # many questions begin at once: one of them asks
            if self._known is None or self._asked_at <= moment:
                asked_at = self._clock.monotonic()
                self._known = await self._ask()
                self._asked_at = asked_at
            return self._known

    async def _ask(self) -> Progress:
        try:
            texts = await self._database.progress()
        except StoreRefusedError as err:
            if not is_missing(err):
                raise
            return NO_PROGRESS  # what no pipeline has prepared has no rollups
        return stored_progress(texts)
