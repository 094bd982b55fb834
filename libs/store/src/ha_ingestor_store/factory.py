"""`open_store(settings)`: opens the store that the settings choose."""

from __future__ import annotations

from socket import gethostname

from ha_ingestor_store.embedded.store import EmbeddedStore
from ha_ingestor_store.embedded.writing.retention import Retention
from ha_ingestor_store.influx.store import InfluxStore
from ha_ingestor_store.settings import StoreSettings
from ha_ingestor_store.store import Store


async def open_store(settings: StoreSettings, *, writes_events: bool = False, rolls_up: bool = True) -> Store:
    """Open the store; `writes_events` is for the one process that writes events and computes the rollups.

    Without `rolls_up` rollups are computed, and expired events deleted, only on request. Raises StoreUnavailableError
    (retry) and StoreRefusedError (a person must act); an unreachable InfluxDB raises at the first call.
    """
    if settings.influxdb_url is None:
        embedded = await EmbeddedStore.open(settings.data_dir, Retention(settings.event_retention_days))
        if writes_events and rolls_up:
            embedded.expiry.start()
        return embedded
    instance = f"{gethostname()}:{settings.data_dir.absolute()}" if rolls_up else ""
    return InfluxStore(settings.influx(), writes_events=writes_events, instance=instance, rolls_up=rolls_up)
