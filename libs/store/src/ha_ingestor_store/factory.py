"""`open_store(settings)`: the store that the settings ask for, open and ready."""

from __future__ import annotations

from ha_ingestor_store.embedded.client import EmbeddedStore
from ha_ingestor_store.settings import StoreSettings
from ha_ingestor_store.store import Store


async def open_store(settings: StoreSettings) -> Store:
    """Open the store; raises StoreUnavailableError (try again) and StoreRefusedError (a person must act)."""
    return await EmbeddedStore.open(settings.data_dir)
