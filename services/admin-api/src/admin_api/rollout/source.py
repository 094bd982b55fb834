"""The source of statistics."""

from __future__ import annotations

from enum import StrEnum

from ha_ingestor_store.store import Source


class StatsSource(StrEnum):
    """The source of statistics: the store, or the services, by configuration or as a fallback."""

    EMBEDDED = Source.EMBEDDED.value
    INFLUXDB = Source.INFLUXDB.value
    SERVICES = "services"
    SERVICES_FALLBACK = "services-fallback"
