"""`open_store(settings)`: the store that the settings ask for, open and ready."""

from __future__ import annotations

from ha_ingestor_store.embedded.store import EmbeddedStore
from ha_ingestor_store.embedded.writing.retention import Retention
from ha_ingestor_store.influx.store import InfluxStore
from ha_ingestor_store.settings import StoreSettings
from ha_ingestor_store.store import Store


async def open_store(settings: StoreSettings, *, writes_events: bool = False, rolls_up: bool = True) -> Store:
    """Open the store; the one process that writes events says so, and keeps InfluxDB's rollups, always or when told.

    Raises StoreUnavailableError (try again) and StoreRefusedError (a person must act); an InfluxDB that is away is
    found out at the first call.
    """
    if settings.influxdb_url is None:
        embedded = await EmbeddedStore.open(settings.data_dir, Retention(settings.event_retention_days))
        if writes_events and rolls_up:
            embedded.expiry.start()
        return embedded
    return InfluxStore(settings.influx(), writes_events=writes_events, rolls_up=rolls_up)
