"""influxdb-client on InfluxDB 2.x: the client for questions of one's own, and our questions over any `query_api`."""

from __future__ import annotations

from ha_ingestor_store.influx.questions import Questions
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx_flux.client import FluxLanguage, QueryApi, open_client
from ha_ingestor_store.store import StoreReader

__all__ = ["QueryApi", "open_client", "reader_over"]


def reader_over(query_api: QueryApi, settings: InfluxSettings) -> StoreReader:
    """Return a reader that asks `query_api` for raw points, without rollups."""
    return Questions(FluxLanguage(query_api, settings))
