"""The words for where statistics came from."""

from __future__ import annotations

from enum import StrEnum

from ha_ingestor_store.store import Source


class StatsSource(StrEnum):
    """Where statistics came from: the store, or the services themselves, by choice or because the store was away."""

    EMBEDDED = Source.EMBEDDED.value
    INFLUXDB = Source.INFLUXDB.value
    SERVICES = "services"
    SERVICES_FALLBACK = "services-fallback"
