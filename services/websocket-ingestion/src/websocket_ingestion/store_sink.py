"""Where a process of its own writes service_metrics, gaps and signs of life: the store, opened when first needed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ha_ingestor_core.alive import Alive
from ha_ingestor_core.gaps import Gap
from ha_ingestor_core.service_metrics import ServiceMetricsPoint
from ha_ingestor_store.factory import open_store
from ha_ingestor_store.settings import StoreSettings
from ha_ingestor_store.store import Store, StoreWriter


class StoreSink:
    """Capturing must not depend on the store, so one that cannot be opened now is tried again with the next points."""

    def __init__(self, settings: StoreSettings) -> None:
        self._settings = settings
        self._store: Store | None = None
        self._opening = asyncio.Lock()

    async def write_service_metrics(self, points: Sequence[ServiceMetricsPoint]) -> None:
        """Write the points; raises IngestorError when the store cannot take them."""
        await (await self._writer()).write_service_metrics(points)

    async def write_alive(self, signs: Sequence[Alive]) -> None:
        """Keep signs of life; raises IngestorError when the store cannot take them."""
        await (await self._writer()).write_alive(signs)

    async def write_gaps(self, gaps: list[Gap]) -> None:
        """Keep the gaps, each in place of its earlier version; raises StoreUnavailableError and StoreRefusedError."""
        await (await self._writer()).write_gaps(gaps)

    async def close(self) -> None:
        """Close the store."""
        if self._store is not None:
            await self._store.close()
            self._store = None

    async def _writer(self) -> StoreWriter:
        async with self._opening:  # points and gaps come at once
            if self._store is None:
                self._store = await open_store(self._settings)
            return self._store.writer
