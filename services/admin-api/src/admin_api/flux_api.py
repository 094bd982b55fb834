"""influxdb-client on InfluxDB 2.x: the client for questions of one's own, and our questions over any `query_api`."""

from __future__ import annotations

from ha_ingestor_store.influx.questions import Questions
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx_flux.client import FluxLanguage, QueryApi
from ha_ingestor_store.store import StoreReader
from influxdb_client.client.influxdb_client_async import InfluxDBClientAsync

__all__ = ["QueryApi", "open_client", "reader_over"]


def open_client(settings: InfluxSettings) -> InfluxDBClientAsync:
    """Return influxdb-client's asynchronous client. InfluxDB 1.8 answers it too, where Flux is enabled there."""
    return InfluxDBClientAsync(
        settings.url, token=settings.token, org=settings.org, timeout=round(settings.timeout_s * 1000)
    )


def reader_over(query_api: QueryApi, settings: InfluxSettings) -> StoreReader:
    """Return a reader that asks `query_api` for raw points, without rollups."""
    return Questions(FluxLanguage(query_api, settings))
