"""influxdb-client on InfluxDB 2.x: the client for questions of one's own, and our questions over any `query_api`.

It is imported when it is first used: most homes have no InfluxDB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ha_ingestor_store.influx.questions import Questions
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.store import StoreReader

if TYPE_CHECKING:
    from ha_ingestor_store.influx_flux.client import QueryApi
    from influxdb_client.client.influxdb_client_async import InfluxDBClientAsync


def open_client(settings: InfluxSettings) -> InfluxDBClientAsync:
    """Return influxdb-client's client for these settings; its owner closes it."""
    from ha_ingestor_store.influx_flux import client

    return client.open_client(settings)


def reader_over(query_api: QueryApi, settings: InfluxSettings) -> StoreReader:
    """Return a reader that asks `query_api` for raw points, without rollups."""
    from ha_ingestor_store.influx_flux.client import FluxLanguage

    return Questions(FluxLanguage(query_api, settings))
