"""Where a separate process writes service_metrics, gaps and signs of life: the store, opened on the first write."""

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
    """Capturing must not depend on the store: where it cannot be opened, the next write tries again."""

    def __init__(self, settings: StoreSettings) -> None:
        self._settings = settings
        self._store: Store | None = None
        self._opening = asyncio.Lock()

    async def write_service_metrics(self, points: Sequence[ServiceMetricsPoint]) -> None:
        """Write the points; raises IngestorError where the store refuses them or is unavailable."""
        await (await self._writer()).write_service_metrics(points)

    async def write_alive(self, signs: Sequence[Alive]) -> None:
        """Write signs of life; raises IngestorError where the store refuses them or is unavailable."""
        await (await self._writer()).write_alive(signs)

    async def write_gaps(self, gaps: list[Gap]) -> None:
        """Write the gaps, replacing earlier versions; raises StoreUnavailableError and StoreRefusedError."""
        await (await self._writer()).write_gaps(gaps)

    async def close(self) -> None:
        """Close the store."""
        if self._store is not None:
            await self._store.close()
            self._store = None

    async def _writer(self) -> StoreWriter:
        async with self._opening:  # points and gaps are written concurrently
            if self._store is None:
                self._store = await open_store(self._settings)
            return self._store.writer
