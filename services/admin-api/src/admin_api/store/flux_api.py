"""influxdb-client on InfluxDB 2.x: the client for custom queries, and a StoreReader over any `query_api`.

Imported on first use, since most homes have no InfluxDB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ha_ingestor_store.influx.reading.questions import Questions
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.store import StoreReader

if TYPE_CHECKING:
    from ha_ingestor_store.influx_flux.client import QueryApi
    from influxdb_client.client.influxdb_client_async import InfluxDBClientAsync


def open_client(settings: InfluxSettings) -> InfluxDBClientAsync:
    """Return a client of influxdb-client for these settings; the caller closes it."""
    from ha_ingestor_store.influx_flux import client

    return client.open_client(settings)


def reader_over(query_api: QueryApi, settings: InfluxSettings) -> StoreReader:
    """Return a reader that queries raw points with `query_api`, without rollups."""
    from ha_ingestor_store.influx_flux.client import FluxLanguage

    return Questions(FluxLanguage(query_api, settings))
